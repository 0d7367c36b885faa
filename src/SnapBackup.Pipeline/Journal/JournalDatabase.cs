using Microsoft.Data.Sqlite;

namespace SnapBackup.Pipeline.Journal;

/// <summary>
/// The SQLite file of the journal: its tables, its version, and connections to it. It is in write-ahead mode, so that
/// reading never holds up a run; every commit is synced, because after a power cut it says what was left behind.
/// </summary>
internal sealed class JournalDatabase : IDisposable
{
    /// <summary>The file's <c>application_id</c>: "SBrj".</summary>
    public const int ApplicationId = 0x5342_726A;

    /// <summary>The version of the tables: the file's <c>user_version</c>.</summary>
    public const int Version = 1;

    private const string Tables = """
        CREATE TABLE runs (
            id              INTEGER PRIMARY KEY AUTOINCREMENT,
            job             TEXT    NOT NULL,
            source          TEXT,
            trigger         TEXT    NOT NULL,   -- Manual, Scheduled, CaughtUp
            process_id      INTEGER NOT NULL,   -- the owner: a process number is told from its
            process_start   INTEGER NOT NULL,   -- later uses by its start time (in ticks)
            boot_id         TEXT    NOT NULL,   -- and the boot of the machine
            started         TEXT    NOT NULL,   -- all times in UTC
            ended           TEXT,
            outcome         TEXT    NOT NULL,   -- Running, Succeeded, Failed, Cancelled, Interrupted
            error_id        TEXT,
            error_message   TEXT,
            archive         TEXT,
            source_size     INTEGER,            -- bytes
            archive_size    INTEGER             -- bytes
        ) STRICT;
        CREATE INDEX runs_by_job ON runs (job, id);
        CREATE INDEX runs_by_outcome ON runs (outcome, id);
        CREATE TABLE steps (
            run             INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            step            TEXT    NOT NULL,   -- Prepare, Flush, Start, Archive, End, Teardown, Retention
            started         TEXT    NOT NULL,
            ended           TEXT,
            outcome         TEXT    NOT NULL,
            error_id        TEXT,
            error_message   TEXT,
            PRIMARY KEY (run, step)
        ) STRICT;
        CREATE TABLE leftovers (                -- what must go if the run's process dies
            run             INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            kind            TEXT    NOT NULL,   -- Log, PartialArchive, Snapshot
            path            TEXT    NOT NULL,
            PRIMARY KEY (run, kind, path)
        ) STRICT;
        """;

    private readonly string _path;
    private readonly string _connectionString;

    private JournalDatabase(string path)
    {
        _path = path;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true }.ToString();
    }

    /// <summary>Opens the file, making it and its folder when they are missing.</summary>
    public static JournalDatabase Open(string path)
    {
        var database = new JournalDatabase(Path.GetFullPath(path));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(database._path)!);
            database.Use(database.Prepare);
            return database;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw database.Unusable(exception);
        }
    }

    /// <summary>Runs a piece of work on a connection of its own.</summary>
    public T Use<T>(Func<SqliteConnection, T> work)
    {
        try
        {
            using var connection = new SqliteConnection(_connectionString);
            connection.Open();
            return work(connection);
        }
        catch (SqliteException exception)
        {
            throw Unusable(exception);
        }
    }

    /// <summary>Closes the connections that are kept for reuse.</summary>
    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private int Prepare(SqliteConnection connection)
    {
        Execute(connection, "PRAGMA journal_mode = WAL");
        // Immediate: two processes that both find an empty file must not both make the tables.
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = Query(connection, "PRAGMA user_version");
        if (version > Version)
        {
            throw new PipelineException(
                PipelineError.JournalTooNew, $"{_path}: the journal has version {version}, this program knows {Version}. Use the newer SnapBackup that wrote it.");
        }

        if (version == 0)
        {
            if (Query(connection, "SELECT COUNT(*) FROM sqlite_schema") > 0)
                throw Foreign();
            Execute(connection, $"{Tables} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};");
        }
        else if (Query(connection, "PRAGMA application_id") != ApplicationId)
        {
            throw Foreign();
        }

        transaction.Commit();
        return Version;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Query(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private PipelineException Foreign() => new(
        PipelineError.JournalUnusable, $"{_path}: it is the database of another program. Name another file for the run journal.");

    private PipelineException Unusable(Exception cause) => new(
        PipelineError.JournalUnusable,
        $"{_path}: the run journal cannot be used: {cause.Message}. Look at its folder's permissions and free space; a damaged file may be moved away, a new one is made.",
        cause);
}
