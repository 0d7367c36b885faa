using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Reading;

/// <summary>Finds where on the logs a block's content is.</summary>
/// <param name="block">The block.</param>
/// <param name="version">What it held and where that is.</param>
/// <returns>Whether it is there.</returns>
internal delegate bool VersionLookup(long block, out PreservedVersion version);
