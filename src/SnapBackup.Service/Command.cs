namespace SnapBackup.Service;

/// <summary>What the command line asks for.</summary>
internal enum Command
{
    Serve,
    Check,
    Help,
    Version,
}
