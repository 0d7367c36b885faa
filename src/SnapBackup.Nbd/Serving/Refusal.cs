using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>Why a request is not even begun.</summary>
internal sealed record Refusal(NbdErrno Error, string Message);
