using SnapBackup.CrashTests.Scenarios;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.CrashTests.Mutations;

/// <summary>
/// The engine does not verify the checksums of preserved blocks: before it opens a log, the records there are given the checksum of
/// whatever bytes stand where their data ought to be, and so look whole.
/// </summary>
internal sealed class SkippedChecksums : Mutation
{
    public override void Tamper(IReadOnlyDictionary<string, DiskImage> images)
    {
        foreach (var (name, image) in images)
        {
            if (name != Geometry.Source)
                Seal(image);
        }
    }

    private static void Seal(DiskImage log)
    {
        var front = new byte[LogLayout.Sector];
        log.Read(0, front);
        if (!LogSuperblock.TryRead(front, out var superblock) || !superblock.IsCurrent)
            return;
        var bytes = new byte[superblock.SegmentSize];
        for (var index = 0L; index < superblock.SegmentCount; index++)
        {
            var offset = LogLayout.SegmentsOffset + (index * superblock.SegmentSize);
            log.Read(offset, bytes);
            if (!SegmentHeader.TryRead(bytes, out var header) || header.SetId != superblock.SetId)
                continue;
            SealGroups(bytes, superblock.BlockSize, Checksum.Salt(header.SetId, header.Sequence));
            log.Write(offset, bytes);
        }
    }

    private static void SealGroups(Span<byte> segment, int blockSize, long salt)
    {
        for (var at = SegmentHeader.Room; at < segment.Length && GroupHeader.TryRead(segment[at..], salt, out var group);)
        {
            for (var i = 0; i < group.RecordCount; i++)
                SealRecord(segment, at + GroupHeader.Size + (i * BlockRecord.Size), blockSize);
            group.Write(segment[at..], salt);
            at += GroupHeader.SizeWith(group.RecordCount) + (group.DataBlocks * blockSize);
        }
    }

    private static void SealRecord(Span<byte> segment, int at, int blockSize)
    {
        if (!BlockRecord.TryRead(segment[at..], out var record) || !record.HasData || record.DataOffset + blockSize > segment.Length)
            return;
        (record with { DataChecksum = Checksum.Of(segment.Slice((int)record.DataOffset, blockSize)) }).Write(segment[at..]);
    }
}
