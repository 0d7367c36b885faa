namespace SnapBackup.Archive.Tests;

/// <summary>Hands each report on before the work goes on, unlike <see cref="Progress{T}"/>.</summary>
internal sealed class ImmediateProgress(Action<ArchiveProgress> report) : IProgress<ArchiveProgress>
{
    public void Report(ArchiveProgress value) => report(value);
}
