namespace SnapBackup.Nbd.Negotiation;

/// <summary>A context that a client chose.</summary>
/// <param name="Number">What it is called in replies.</param>
/// <param name="Source">What says the status.</param>
internal readonly record struct StatusContext(uint Number, IStatusSource Source);
