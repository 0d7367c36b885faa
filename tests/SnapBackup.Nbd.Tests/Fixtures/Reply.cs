namespace SnapBackup.Nbd.Tests;

/// <summary>A reply as a client sees it.</summary>
internal sealed record Reply(ulong Cookie, uint Error, byte[] Data, string Message);
