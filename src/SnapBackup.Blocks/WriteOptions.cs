namespace SnapBackup.Blocks;

/// <summary>What a write asks for beyond storing the bytes.</summary>
[Flags]
public enum WriteOptions
{
    /// <summary>Nothing: durable after the next completed flush.</summary>
    None = 0,

    /// <summary>The bytes are on the medium when the write completes (FUA).</summary>
    ForceUnitAccess = 1,

    /// <summary>For zeros: keep the space allocated instead of making a hole.</summary>
    NoHole = 2,

    /// <summary>For zeros: fail at once (<see cref="BlockDeviceError.NotSupported"/>) where it would take as long as writing them.</summary>
    FastOnly = 4,
}
