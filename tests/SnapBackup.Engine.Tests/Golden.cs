namespace SnapBackup.Engine.Tests;

/// <summary>Checksums of version 1 of the log format. They never change: a new format gets a new version.</summary>
internal static class Golden
{
    public const string SuperblockChecksum = "38388566C04D3EA0";
    public const string SegmentChecksum = "D81927C42193A93F";
    public const string GroupChecksum = "D55C6DEA996CE440";
    public const string DataChecksum = "CCBA8C319FDF6ABE";
}
