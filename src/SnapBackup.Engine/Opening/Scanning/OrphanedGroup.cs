using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Opening.Scanning;

/// <summary>
/// A segment's first commit group whose segment has no header: either the last write of all was torn between the two, or the header is lost.
/// </summary>
/// <param name="Offset">Where the group stands on its log, in bytes.</param>
/// <param name="Group">Its header.</param>
internal readonly record struct OrphanedGroup(long Offset, GroupHeader Group);
