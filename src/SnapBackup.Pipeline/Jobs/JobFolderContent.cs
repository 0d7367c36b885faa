namespace SnapBackup.Pipeline.Jobs;

/// <summary>What a folder of job documents holds.</summary>
/// <param name="Jobs">The jobs that can be used, by name.</param>
/// <param name="Broken">The others: the file's name without extension, and what is wrong.</param>
public sealed record JobFolderContent(IReadOnlyList<JobDocument> Jobs, IReadOnlyDictionary<string, PipelineException> Broken);
