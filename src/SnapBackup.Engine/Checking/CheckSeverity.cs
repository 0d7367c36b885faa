namespace SnapBackup.Engine;

/// <summary>What a finding means for what is kept.</summary>
public enum CheckSeverity
{
    /// <summary>Nothing that is kept is harmed: a second copy is gone, or something that only saves time.</summary>
    Warning,

    /// <summary>Something that is kept is lost, or will be when the device is opened again.</summary>
    Error,
}
