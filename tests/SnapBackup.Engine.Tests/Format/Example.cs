using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Format;

/// <summary>What the tests of the log format write down and read again.</summary>
internal static class Example
{
    public const int SegmentSize = 65_536;

    public static readonly Guid SetId = new("00112233-4455-6677-8899-aabbccddeeff");

    public static LogSuperblock Superblock => new()
    {
        Version = 2,
        BlockSize = 4096,
        SetId = SetId,
        LogNumber = 3,
        SegmentSize = SegmentSize,
        SegmentCount = 15,
        SourceSize = 1L << 32,
        Generation = 7,
        ChangeGranularity = 65_536,
    };

    public static SegmentHeader SegmentHeader => new()
    {
        SetId = SetId,
        Epoch = 5,
        Sequence = 258,
        Class = SegmentClass.Changes,
        Previous = new SegmentLink(12, 255, 4, 40_960),
    };

    /// <summary>A segment in use that nothing was appended to yet.</summary>
    public static Segment EmptySegment(SegmentHeader header) =>
        new(new LogVolume(new LogDevice(new MemoryBlockDevice("log", 1 << 20)), Superblock, isVolatile: false), 0, header, SegmentSize);

    /// <summary>
    /// A segment's first group, with the segment's header: region 5 changed, block 42 was zero, 43 had data, 44 could not be read, and
    /// page 6 of the change map.
    /// </summary>
    public static byte[] FirstGroup()
    {
        var group = new CommitGroup(4096, 8);
        group.Staging(0, 8).Span.Clear();
        group.AddChange(80);
        group.AddVersion(42, readable: true);
        new byte[] { 1, 2, 3 }.CopyTo(group.Staging(1, 1));
        group.AddVersion(43, readable: true);
        group.AddVersion(44, readable: false);
        var page = new byte[4096];
        page[0] = 0x81;
        group.AddPage(6, page);
        return group.Seal(EmptySegment(SegmentHeader), 11).ToArray();
    }
}
