using SnapBackup.Archive;

namespace SnapBackup.Control.Archives;

/// <summary>What a test of an archive has shown.</summary>
public sealed record SnapArchiveReport
{
    /// <summary>Where the archive is.</summary>
    public required string Path { get; init; }

    /// <summary>Whether the whole image can be restored.</summary>
    public required bool IsIntact { get; init; }

    /// <summary>Whether every byte was read; else only the archive's structure was looked at.</summary>
    public required bool ContentChecked { get; init; }

    /// <summary>Bytes of the image that are what was archived.</summary>
    public required long BytesVerified { get; init; }

    /// <summary>The parts that are lost, in the image's order.</summary>
    public required IReadOnlyList<DamagedFrame> Damaged { get; init; }

    /// <summary>Why the archive as a whole is unusable; null when it can be opened.</summary>
    public string? Problem { get; init; }
}
