namespace SnapBackup.Engine.Log;

/// <summary>What all logs of a device have in common.</summary>
/// <param name="SetId">Names the set; new at each set-up.</param>
/// <param name="BlockSize">The unit of preservation in bytes.</param>
/// <param name="ChangeGranularity">The unit of the change map in bytes, a multiple of the block size.</param>
/// <param name="SourceSize">The size of the source in bytes.</param>
/// <param name="IsVolatile">Whether the logs are not flushed.</param>
internal sealed record LogSetShape(Guid SetId, int BlockSize, int ChangeGranularity, long SourceSize, bool IsVolatile)
{
    /// <summary>How many blocks a region of the change map has.</summary>
    public int BlocksPerRegion => ChangeGranularity / BlockSize;

    /// <summary>How many regions the source has.</summary>
    public long RegionCount => (SourceSize + ChangeGranularity - 1) / ChangeGranularity;
}
