namespace SnapBackup.Blocks;

/// <summary>What is known about a run of bytes without reading it.</summary>
public enum ExtentKind
{
    /// <summary>It may hold anything.</summary>
    Data,

    /// <summary>It reads as zeros and, as far as the device can tell, takes no space.</summary>
    Hole,
}
