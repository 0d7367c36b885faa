using SnapBackup.Archive;
using SnapBackup.Archive.Stores;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>
/// One run, as a state machine over <see cref="CycleStep"/>.
/// </summary>
/// <remarks>
/// <para>What holds in every outcome:</para>
/// <list type="number">
/// <item>What this run set up is taken down: after the first error the machine goes on with the steps that undo what was
/// done, and only with those. A cancellation is an error like others, and does not reach the steps that undo.</item>
/// <item>What was there before stays: a device that was found, other snapshots, a log that existed and what it keeps.</item>
/// <item>The first error is the run's; later ones are recorded with their steps. A journal that fails is an error too, and
/// stops nothing from being taken down.</item>
/// <item>What a crash would leave behind is in the journal before it is made, and until it is gone.</item>
/// </list>
/// </remarks>
internal sealed class BackupRun(
    long id, JobDocument job, SnapDeviceTable devices, SourceTurns turns, RunJournal journal, TimeProvider time, IOriginFreezer? freezer, IProgress<RunProgress>? progress)
{
    private readonly List<Leftover> _logs = [];
    private readonly List<Leftover> _snapshotPlaces = [];
    private Leftover? _partial;
    private IDisposable? _turn;
    private FolderStore? _store;
    private SnapDevice? _device;
    private bool _ownsDevice;
    private IFrozenOrigin? _frozen;
    private Snapshot? _snapshot;
    private bool _snapshotIsGone;
    private ArchiveInfo? _archive;
    private Exception? _error;

    /// <summary>Goes through the steps.</summary>
    /// <returns>The first error; null when there was none.</returns>
    public async Task<Exception?> ExecuteAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (CycleStep? step = CycleStep.Prepare; step is { } current; step = Next(current))
                await PerformAsync(current, cancellationToken).ConfigureAwait(false);
            SettleLeftovers();
            return _error;
        }
        finally
        {
            _turn?.Dispose();
        }
    }

    private static bool Undoes(CycleStep step) => step is CycleStep.Thaw or CycleStep.End or CycleStep.Teardown;

    private CycleStep? Next(CycleStep step) => step switch
    {
        _ when _error is null => step < CycleStep.Retention ? step + 1 : null,
        < CycleStep.Thaw when _frozen is not null => CycleStep.Thaw,
        < CycleStep.End when _snapshot is not null => CycleStep.End,
        < CycleStep.Teardown when _ownsDevice => CycleStep.Teardown,
        _ => null,
    };

    private async Task PerformAsync(CycleStep step, CancellationToken cancellationToken)
    {
        Note(() => journal.BeginStep(id, step));
        Note(() => progress?.Report(new RunProgress(id, job.Name, step)));
        var error = _error is null || Undoes(step) ? await TryActAsync(step, cancellationToken).ConfigureAwait(false) : _error;
        _error ??= error;
        Note(() => journal.EndStep(id, step, OutcomeOf(error, cancellationToken), error));
    }

    private async Task<Exception?> TryActAsync(CycleStep step, CancellationToken cancellationToken)
    {
        try
        {
            await ActAsync(step, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    /// <summary>Tells somebody outside; a failure of theirs is an error of the run, and hinders no step that undoes.</summary>
    private void Note(Action tell)
    {
        try
        {
            tell();
        }
        catch (Exception exception)
        {
            _error ??= exception;
        }
    }

    internal static RunOutcome OutcomeOf(Exception? error, CancellationToken cancellationToken) => error switch
    {
        null => RunOutcome.Succeeded,
        OperationCanceledException when cancellationToken.IsCancellationRequested => RunOutcome.Cancelled,
        _ => RunOutcome.Failed,
    };

    private Task ActAsync(CycleStep step, CancellationToken cancellationToken)
    {
        if (!Undoes(step))
            cancellationToken.ThrowIfCancellationRequested();
        return step switch
        {
            CycleStep.Prepare => PrepareAsync(cancellationToken),
            CycleStep.Freeze => FreezeAsync(cancellationToken),
            CycleStep.Flush => FlushAsync(cancellationToken),
            CycleStep.Start => StartAsync(cancellationToken),
            CycleStep.Thaw => ThawAsync(),
            CycleStep.Archive => ArchiveAsync(cancellationToken),
            CycleStep.End => EndAsync(),
            CycleStep.Teardown => TearDownAsync(),
            _ => RetainAsync(cancellationToken),
        };
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        _turn = await turns.TakeAsync(job.Source, cancellationToken).ConfigureAwait(false);
        _store = new FolderStore(job.Store, time);
        await new RunRecovery(journal, devices, time).RecoverAsync(job.Source).ConfigureAwait(false);
        _device = devices.FindBySource(job.Source);
        if (_device is not null)
            return;
        foreach (var log in job.Logs.Where(log => log.Size is not null && !Path.Exists(log.Path)))
            Expect(LeftoverKind.Log, log.Path, _logs);
        _device = await devices.AttachAsync(job.ToDeviceOptions() with { Clock = time }, cancellationToken).ConfigureAwait(false);
        _ownsDevice = true;
    }

    private void Expect(LeftoverKind kind, string path, List<Leftover> list)
    {
        var leftover = new Leftover(kind, path);
        journal.Expect(id, leftover);
        list.Add(leftover);
    }

    private async Task FreezeAsync(CancellationToken cancellationToken)
    {
        if (freezer is not null)
            _frozen = await freezer.FreezeAsync(_device!, [job.Store], cancellationToken).ConfigureAwait(false);
    }

    private async Task ThawAsync()
    {
        if (_frozen is not { } frozen)
            return;
        _frozen = null;
        await using (frozen.ConfigureAwait(false))
            await frozen.ThawAsync().ConfigureAwait(false);
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        var origin = _device!.OpenOrigin();
        await using (origin.ConfigureAwait(false))
            await origin.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        ExpectSnapshot();
        _snapshot = await _device!.StartSnapshotAsync(RunSnapshot.NameOf(id), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Notes the logs that will keep the snapshot, unless the run made them all: then it goes with them.</summary>
    private void ExpectSnapshot()
    {
        var logs = _device!.LogNames.Select(Path.GetFullPath).ToList();
        if (logs.All(log => _logs.Exists(made => made.Path.Equals(log, StringComparison.Ordinal))))
            return;
        foreach (var log in logs)
            Expect(LeftoverKind.Snapshot, log, _snapshotPlaces);
    }

    private async Task ArchiveAsync(CancellationToken cancellationToken)
    {
        var partial = new Leftover(LeftoverKind.PartialArchive, _store!.Path);
        journal.Expect(id, partial);
        _partial = partial;
        var image = _snapshot!.Open();
        await using (image.ConfigureAwait(false))
        {
            var options = new ArchiveOptions
            {
                DeviceName = job.Name,
                SnapshotName = _snapshot.Name,
                SnapshotTime = _snapshot.StartedAt,
                SeriesId = ArchiveSeries.Of(job),
            };
            _archive = await _store.CreateAsync(image, options, new ArchiveRelay(this), cancellationToken).ConfigureAwait(false);
        }

        journal.Published(id, _archive.Path, _archive.Manifest.ImageSize, _archive.StoredSize);
    }

    /// <summary>Ends the snapshot, also a broken one, unless somebody else ended it or took the device away.</summary>
    private async Task EndAsync()
    {
        var name = _snapshot!.Name;
        if (!_device!.IsTornDown && ReferenceEquals(_device.FindSnapshot(name), _snapshot))
            await _device.EndSnapshotAsync(name).ConfigureAwait(false);
        // A device that somebody let go has kept it on its logs.
        _snapshotIsGone = !_device.IsTornDown || _snapshot.State == SnapshotState.Ended;
    }

    /// <remarks>
    /// Without force: should somebody have begun to write through the origin, then the device must not be pulled away. It is let go
    /// and not torn down, because logs that were there before may keep snapshots of others.
    /// </remarks>
    private async Task TearDownAsync()
    {
        if (!_ownsDevice)
            return;
        try
        {
            if (!_device!.IsTornDown)
                await devices.ReleaseAsync(_device.Name).ConfigureAwait(false);
        }
        finally
        {
            // Also of a device that let everything go although its last flush failed.
            if (_device!.IsTornDown)
                await RemoveLogsAsync().ConfigureAwait(false);
        }
    }

    private async Task RemoveLogsAsync()
    {
        foreach (var log in _logs)
            await LogFile.RemoveAsync(log.Path).ConfigureAwait(false);
        _ownsDevice = false;
    }

    private async Task RetainAsync(CancellationToken cancellationToken)
    {
        if (job.Keep is not { } count)
            return;
        var listing = await _store!.ListAsync(cancellationToken).ConfigureAwait(false);
        foreach (var archive in RetentionPlan.KeepLast(listing.Archives, ArchiveSeries.Of(job), count).Remove)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // By its times ours could be the oldest, after the clock was set back; but it is what the run was for.
            if (archive.Manifest.ArchiveId != _archive!.Manifest.ArchiveId)
                _store.Delete(archive.Name);
        }
    }

    /// <summary>
    /// What is gone needs no recovery. An archive that failed left nothing, nor did a set-up that failed: their layers see to
    /// that, and what stands at a log's path by then is somebody else's. So does a snapshot that could not be started.
    /// </summary>
    private void SettleLeftovers()
    {
        var gone = new List<Leftover>();
        if (_partial is not null)
            gone.Add(_partial);
        if (_snapshot is null || _snapshotIsGone)
            gone.AddRange(_snapshotPlaces);
        if (!_ownsDevice)
            gone.AddRange(_logs);
        foreach (var leftover in gone)
            Note(() => journal.Settle(id, leftover));
    }

    /// <summary>Passes the archive's progress on, on the thread that tells it.</summary>
    private sealed class ArchiveRelay(BackupRun run) : IProgress<ArchiveProgress>
    {
        public void Report(ArchiveProgress value) => run.Report(value);
    }

    private void Report(ArchiveProgress value) => progress?.Report(
        new RunProgress(id, job.Name, CycleStep.Archive, value.BytesDone, value.BytesTotal, value.BytesWritten));
}
