namespace SnapBackup.CrashTests.Model;

/// <summary>What is done with a device beside reading and writing its origin.</summary>
internal enum ControlKind
{
    Start,

    /// <summary>Ends a snapshot and forgets its changes.</summary>
    End,

    /// <summary>Ends a snapshot and leaves a bookmark.</summary>
    EndKeepingChanges,
    Forget,
    RollBack,
    AddLog,
    TearDown,
}
