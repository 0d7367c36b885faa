namespace SnapBackup.Engine.Log;

/// <summary>What all logs of a device have in common.</summary>
/// <param name="SetId">Names the set; new at each set-up.</param>
/// <param name="BlockSize">The block size in bytes.</param>
/// <param name="LogCount">How many logs the set has.</param>
/// <param name="SourceSize">The size of the source in bytes.</param>
internal sealed record LogSetShape(Guid SetId, int BlockSize, ushort LogCount, long SourceSize);
