namespace SnapBackup.Service;

/// <summary>What <c>snapbackupd</c> ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It could not start, could not stop cleanly, or <c>--check</c> found a problem.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong; starting it again does not help.</summary>
    public const int Usage = 2;
}
