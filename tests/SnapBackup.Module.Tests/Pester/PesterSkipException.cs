namespace SnapBackup.Module.Tests.Pester;

/// <summary>What <c>Set-ItResult</c> throws to leave a test.</summary>
public sealed class PesterSkipException(string reason) : Exception(reason);
