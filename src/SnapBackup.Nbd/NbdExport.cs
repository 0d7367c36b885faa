namespace SnapBackup.Nbd;

/// <summary>An entry of the list of exports.</summary>
/// <param name="Name">What clients ask for; at most 4096 bytes of UTF-8.</param>
/// <param name="Description">A line for people; may be empty.</param>
public readonly record struct NbdExport(string Name, string Description);
