namespace SnapBackup.Engine.Tests;

/// <summary>
/// Writers, each in its own part of the disk (parts meet inside blocks, so that writers share blocks), while snapshots
/// start and end and readers compare them with what the source held at the sync point.
/// </summary>
/// <remarks>
/// The sync point is seen from outside: a start flushes the source last while writers are held back, so the content at
/// its last flush is the frozen one. The writers' own flushes would blur that and are left out.
/// </remarks>
internal sealed class ParallelRun(List<List<DiskWrite>> writes)
{
    private byte[] _contentAtLastFlush = [];
    private bool _capture;

    public async Task ExecuteAsync(int size, int blockSize)
    {
        await using var disk = await Disk.CreateAsync(size, [1 << 20, 4 << 20], new DeviceSettings { BlockSize = blockSize });
        var model = disk.Source.Content.ToArray();
        disk.Source.Fault = (operation, _, _) => Disturb(disk.Source, operation);
        foreach (var log in disk.Logs)
            log.Fault = (_, _, _) => Thread.Yield();

        var writers = Task.WhenAll(writes.Select(part => Task.Run(() => WriteAsync(disk, part, model))));
        do
        {
            await SnapshotOnceAsync(disk);
        }
        while (!writers.IsCompleted);
        await writers;
        Assert.Equal(model, disk.Source.Content);
        var statistics = disk.Device.GetStatistics();
        Assert.Equal(statistics.RequestsBegun, statistics.RequestsEnded);
        Assert.Equal(0, statistics.LogUsed);
    }

    private static async Task WriteAsync(Disk disk, List<DiskWrite> part, byte[] model)
    {
        foreach (var write in part)
        {
            var kind = write.Kind is DiskWriteKind.Flush or DiskWriteKind.WriteThrough ? DiskWriteKind.Write : write.Kind;
            await (write with { Kind = kind }).ApplyAsync(disk.Origin, model);
        }
    }

    private async Task SnapshotOnceAsync(Disk disk)
    {
        Volatile.Write(ref _capture, true);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        Volatile.Write(ref _capture, false);
        var frozen = _contentAtLastFlush;
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            for (var round = 0; round < 4; round++)
                Assert.Equal(frozen, await snapshot.ReadAllAsync());
        })));
        Assert.Equal(SnapshotState.Active, snapshot.State);
        await disk.Device.EndSnapshotAsync("s");
    }

    private void Disturb(MemoryBlockDevice source, string operation)
    {
        if (operation == "flush" && Volatile.Read(ref _capture))
            _contentAtLastFlush = source.Content.ToArray();
        Thread.Yield();
    }
}
