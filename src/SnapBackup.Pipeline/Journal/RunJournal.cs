using Microsoft.Data.Sqlite;
using SnapBackup.Blocks;
using SnapBackup.Pipeline.Cycle;

namespace SnapBackup.Pipeline.Journal;

/// <summary>
/// The record of all runs: their steps, times, sizes and outcomes, and what each would leave behind if its process died.
/// Several processes may use one journal at the same time, and several threads one instance.
/// </summary>
public sealed class RunJournal : IDisposable
{
    private const string RunColumns =
        "id, job, source, trigger, process_id, process_start, boot_id, started, ended, outcome, error_id, error_message, archive, source_size, archive_size";

    private readonly JournalDatabase _database;
    private readonly TimeProvider _time;

    private RunJournal(JournalDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
    }

    /// <summary>Opens a journal; makes the file, and its folder, when they are missing.</summary>
    /// <param name="path">The SQLite file. Its companions <c>-wal</c> and <c>-shm</c> stand beside it.</param>
    /// <param name="time">Where the times come from.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.JournalTooNew"/> or <see cref="PipelineError.JournalUnusable"/>.</exception>
    public static RunJournal Open(string path, TimeProvider time) => new(JournalDatabase.Open(path), time);

    /// <summary>The newest runs, the newest first.</summary>
    /// <param name="query">Which.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.JournalUnusable"/>.</exception>
    public IReadOnlyList<RunRecord> List(RunQuery query) => _database.Use(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT {RunColumns} FROM runs WHERE ($job IS NULL OR job = $job) AND ($outcome IS NULL OR outcome = $outcome) ORDER BY id DESC LIMIT $limit";
        Bind(command, "$job", query.Job);
        Bind(command, "$outcome", query.Outcome?.ToString());
        Bind(command, "$limit", query.Limit);
        return ReadAll(command, ReadRun);
    });

    /// <summary>One run.</summary>
    /// <param name="run">Its number.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.RunNotFound"/> or <see cref="PipelineError.JournalUnusable"/>.</exception>
    public RunRecord Get(long run) => _database.Use(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {RunColumns} FROM runs WHERE id = $run";
        Bind(command, "$run", run);
        return ReadAll(command, ReadRun) is [var record]
            ? record
            : throw new PipelineException(PipelineError.RunNotFound, $"There is no run {run} in the journal. List the runs for their numbers.");
    });

    /// <summary>The steps of a run that began, in their order.</summary>
    /// <param name="run">Its number.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.JournalUnusable"/>.</exception>
    public IReadOnlyList<StepRecord> ListSteps(long run) => _database.Use(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT step, started, ended, outcome, error_id, error_message FROM steps WHERE run = $run ORDER BY rowid";
        Bind(command, "$run", run);
        return ReadAll(command, ReadStep);
    });

    /// <summary>Closes the file.</summary>
    public void Dispose() => _database.Dispose();

    /// <summary>Notes that a run of this process begins.</summary>
    internal long Begin(string job, string? source, RunTrigger trigger) => _database.Use(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO runs (job, source, trigger, process_id, process_start, boot_id, started, outcome)
            VALUES ($job, $source, $trigger, $process, $start, $boot, $now, $running) RETURNING id
            """;
        Bind(command, "$job", job);
        Bind(command, "$source", source);
        Bind(command, "$trigger", trigger.ToString());
        Bind(command, "$process", ProcessIdentity.Current.ProcessId);
        Bind(command, "$start", ProcessIdentity.Current.StartTime);
        Bind(command, "$boot", ProcessIdentity.Current.BootId);
        Bind(command, "$now", _time.GetUtcNow());
        Bind(command, "$running", nameof(RunOutcome.Running));
        return (long)command.ExecuteScalar()!;
    });

    /// <summary>Notes that a step begins.</summary>
    internal void BeginStep(long run, CycleStep step) => Change(
        "INSERT INTO steps (run, step, started, outcome) VALUES ($run, $step, $now, $running)",
        run,
        ("$step", step.ToString()),
        ("$running", nameof(RunOutcome.Running)));

    /// <summary>Notes how a step ended.</summary>
    internal void EndStep(long run, CycleStep step, RunOutcome outcome, Exception? error) => Change(
        "UPDATE steps SET ended = $now, outcome = $outcome, error_id = $id, error_message = $message WHERE run = $run AND step = $step",
        run,
        ("$step", step.ToString()),
        ("$outcome", outcome.ToString()),
        ("$id", IdOf(error)),
        ("$message", error?.Message));

    /// <summary>Notes what is about to be made.</summary>
    internal void Expect(long run, Leftover leftover) => Change(
        "INSERT OR IGNORE INTO leftovers (run, kind, path) VALUES ($run, $kind, $path)",
        run,
        ("$kind", leftover.Kind.ToString()),
        ("$path", leftover.Path));

    /// <summary>Notes that what was about to be made is gone again, or may stay.</summary>
    internal void Settle(long run, Leftover leftover) => Change(
        "DELETE FROM leftovers WHERE run = $run AND kind = $kind AND path = $path",
        run,
        ("$kind", leftover.Kind.ToString()),
        ("$path", leftover.Path));

    /// <summary>The runs that have not ended, and those that may have left something behind.</summary>
    internal IReadOnlyList<RunRecord> ListUnsettled() => _database.Use(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {RunColumns} FROM runs WHERE outcome = $running OR id IN (SELECT run FROM leftovers) ORDER BY id";
        Bind(command, "$running", nameof(RunOutcome.Running));
        return ReadAll(command, ReadRun);
    });

    /// <summary>What a run would leave behind, or left.</summary>
    internal IReadOnlyList<Leftover> ListLeftovers(long run) => _database.Use(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT kind, path FROM leftovers WHERE run = $run ORDER BY rowid";
        Bind(command, "$run", run);
        return ReadAll(command, reader => new Leftover(Enum.Parse<LeftoverKind>(reader.GetString(0)), reader.GetString(1)));
    });

    /// <summary>Notes the archive that a run published.</summary>
    internal void Published(long run, string archive, long sourceSize, long archiveSize) => Change(
        "UPDATE runs SET archive = $archive, source_size = $source, archive_size = $stored WHERE id = $run",
        run,
        ("$archive", archive),
        ("$source", sourceSize),
        ("$stored", archiveSize));

    /// <summary>Notes how a run ended.</summary>
    /// <returns>Whether it was running until now: of several who end it, one is told so.</returns>
    internal bool End(long run, RunOutcome outcome, Exception? error) => Change(
        """
        UPDATE steps SET ended = $now, outcome = $outcome WHERE run = $run AND outcome = $running
            AND EXISTS (SELECT 1 FROM runs WHERE id = $run AND outcome = $running);
        UPDATE runs SET ended = $now, outcome = $outcome, error_id = $id, error_message = $message
            WHERE id = $run AND outcome = $running
            RETURNING id;
        """,
        run,
        ("$outcome", outcome.ToString()),
        ("$running", nameof(RunOutcome.Running)),
        ("$id", IdOf(error)),
        ("$message", error?.Message)) is not null;

    private static string? IdOf(Exception? error) => error is SnapBackupException known ? known.ErrorId : error?.GetType().Name;

    private object? Change(string sql, long run, params (string Name, object? Value)[] values) => _database.Use(connection =>
    {
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Bind(command, "$run", run);
        Bind(command, "$now", _time.GetUtcNow());
        foreach (var (name, value) in values)
            Bind(command, name, value);
        var result = command.ExecuteScalar();
        transaction.Commit();
        return result;
    });

    private static void Bind(SqliteCommand command, string name, object? value) =>
        command.Parameters.AddWithValue(name, value ?? DBNull.Value);

    private static List<T> ReadAll<T>(SqliteCommand command, Func<SqliteDataReader, T> read)
    {
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    private static RunRecord ReadRun(SqliteDataReader reader) => new()
    {
        Id = reader.GetInt64(0),
        Job = reader.GetString(1),
        Source = TextOrNull(reader, 2),
        Trigger = Enum.Parse<RunTrigger>(reader.GetString(3)),
        Owner = new ProcessIdentity(reader.GetInt32(4), reader.GetInt64(5), reader.GetString(6)),
        Started = reader.GetDateTimeOffset(7),
        Ended = TimeOrNull(reader, 8),
        Outcome = Enum.Parse<RunOutcome>(reader.GetString(9)),
        ErrorId = TextOrNull(reader, 10),
        ErrorMessage = TextOrNull(reader, 11),
        Archive = TextOrNull(reader, 12),
        SourceSize = NumberOrNull(reader, 13),
        ArchiveSize = NumberOrNull(reader, 14),
    };

    private static StepRecord ReadStep(SqliteDataReader reader) => new()
    {
        Step = Enum.Parse<CycleStep>(reader.GetString(0)),
        Started = reader.GetDateTimeOffset(1),
        Ended = TimeOrNull(reader, 2),
        Outcome = Enum.Parse<RunOutcome>(reader.GetString(3)),
        ErrorId = TextOrNull(reader, 4),
        ErrorMessage = TextOrNull(reader, 5),
    };

    private static string? TextOrNull(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static long? NumberOrNull(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    private static DateTimeOffset? TimeOrNull(SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetDateTimeOffset(column);
}
