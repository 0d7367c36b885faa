using SnapBackup.Blocks.Linux;

namespace SnapBackup.Blocks.Stamps;

/// <summary>The stamp of a block device: what sysfs calls it, what it counted, samples of what it holds.</summary>
/// <remarks>
/// The counter is read before the samples: a write that slips in between makes the next stamp's counter another one. The
/// other way round the samples could have missed it and the counter held it already, and the next stamp would be the same.
/// </remarks>
internal static class DiskStamp
{
    /// <summary>The stamp of a disk whose writes have reached it.</summary>
    /// <param name="file">The open disk.</param>
    /// <param name="identity">Which it is.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="cancellationToken">Gives up between two reads.</param>
    public static async Task<DeviceStamp> ReadAsync(DeviceFile file, FileIdentity identity, long size, CancellationToken cancellationToken)
    {
        var disk = SysfsDisk.Of(identity);
        var counter = CounterOf(disk);
        var content = new StampHash().Add(size);
        if (disk?.LoopFile is { } loopFile && StatxBuffer.Of(loopFile) is { IsRegularFile: true })
        {
            var behind = await FileStamp.ReadAsync(() => StatxBuffer.Of(loopFile) ?? default, cancellationToken).ConfigureAwait(false);
            if (!behind.IsKnown)
                return default;
            content.Add((long)behind.Content);
        }

        new ContentSample(file, size).AddTo(content, disk?.PartitionStarts ?? [], cancellationToken);
        return new DeviceStamp(IdentityOf(disk, size), content.Value, counter is null ? 0 : SessionNow(), counter ?? 0);
    }

    private static ulong IdentityOf(SysfsDisk? disk, long size)
    {
        var names = disk?.Names ?? [];
        if (names.Count == 0)
            return 0;
        var hash = new StampHash().Add(size);
        foreach (var name in names)
            hash.Add(name);
        return hash.Value;
    }

    private static ulong? CounterOf(SysfsDisk? disk) => disk?.SectorsChanged is { } sectors
        ? new StampHash().Add(sectors).Add(disk.MediumSequence ?? "").Value
        : null;

    private static ulong SessionNow() =>
        Sysfs.TryRead("/proc/sys/kernel/random/boot_id") is { } boot ? new StampHash().Add(boot).Value : 0;
}
