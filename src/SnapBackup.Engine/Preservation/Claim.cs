namespace SnapBackup.Engine.Preservation;

/// <summary>Something that must be recorded before a writer may go on: what a block holds, or only that a region changes.</summary>
/// <param name="IsVersion">Whether what the block holds is to be preserved.</param>
/// <param name="Number">The number of the block, or of the region.</param>
internal readonly record struct Claim(bool IsVersion, long Number)
{
    /// <summary>Changes first, then versions, each in ascending order: as they come to lie in a commit group.</summary>
    public static readonly Comparison<Claim> Order = (one, other) =>
        one.IsVersion == other.IsVersion ? one.Number.CompareTo(other.Number) : one.IsVersion.CompareTo(other.IsVersion);

    public static Claim Version(long block) => new(IsVersion: true, block);

    public static Claim Change(long region) => new(IsVersion: false, region);
}
