using System.Text;
using SnapBackup.Blocks;

namespace SnapBackup.Pipeline.Jobs;

/// <summary>
/// The folder of the job documents, one <c>&lt;name&gt;.json</c> a job. Reading looks at the disk each time; a document is
/// replaced by a rename, so a reader meets the old one or the new one, never a half.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="validator">Judges what is read and written.</param>
public sealed class JobFolder(string path, JobValidator validator)
{
    private const string Extension = ".json";

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>Reads every document. A broken one is reported beside the others and does not stop them.</summary>
    /// <exception cref="PipelineException"><see cref="PipelineError.JobFolderUnusable"/>.</exception>
    public JobFolderContent ReadAll()
    {
        var jobs = new List<JobDocument>();
        var broken = new Dictionary<string, PipelineException>(StringComparer.Ordinal);
        foreach (var file in ListFiles())
        {
            var name = System.IO.Path.GetFileNameWithoutExtension(file);
            try
            {
                jobs.Add(Read(name));
            }
            catch (PipelineException exception) when (exception.Reason == PipelineError.JobNotFound)
            {
                // Removed between the listing and now.
            }
            catch (PipelineException exception) when (exception.Reason != PipelineError.JobFolderUnusable)
            {
                broken.Add(name, exception);
            }
            catch (Exception exception) when (exception is not PipelineException)
            {
                // Whatever one document does to its reader, the other jobs go on.
                broken.Add(name, Unreadable(file, exception));
            }
        }

        return new JobFolderContent(jobs, broken);
    }

    /// <summary>Reads one document.</summary>
    /// <param name="name">The job's name.</param>
    /// <exception cref="PipelineException">
    /// <see cref="PipelineError.JobNotFound"/>, <see cref="PipelineError.InvalidJob"/> or, when the folder itself is missing,
    /// <see cref="PipelineError.JobFolderUnusable"/>.
    /// </exception>
    public JobDocument Read(string name)
    {
        var file = FileOf(name);
        var job = JobJson.Read(ReadBytes(name, file), file);
        if (!string.IsNullOrEmpty(job.Name) && !string.Equals(job.Name, name, StringComparison.Ordinal))
        {
            throw new PipelineException(
                PipelineError.InvalidJob, $"{file}: name: '{job.Name}' is not the file's name. Rename the file to '{job.Name}{Extension}', or change the name to '{name}'.");
        }

        validator.ThrowIfInvalid(job, file);
        return job;
    }

    /// <summary>Writes a document; makes the folder when it is missing.</summary>
    /// <param name="job">The job; refused, and nothing changed, when it is invalid.</param>
    /// <param name="replace">Whether a job of that name may be replaced.</param>
    /// <exception cref="PipelineException">
    /// <see cref="PipelineError.InvalidJob"/>, <see cref="PipelineError.JobExists"/> or <see cref="PipelineError.JobFolderUnusable"/>.
    /// </exception>
    public void Write(JobDocument job, bool replace = false)
    {
        validator.ThrowIfNotWorthRegistering(job, $"job '{job.Name}'");
        var file = FileOf(job.Name);
        if (!replace && File.Exists(file))
            throw Exists(job.Name, file, null);
        try
        {
            Directory.CreateDirectory(path);
            WriteAtomically(file, JobJson.Write(job), replace);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw !replace && File.Exists(file) ? Exists(job.Name, file, exception) : Unusable(exception);
        }
    }

    /// <summary>Removes a document.</summary>
    /// <param name="name">The job's name.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.JobNotFound"/> or <see cref="PipelineError.JobFolderUnusable"/>.</exception>
    public void Remove(string name)
    {
        var file = FileOf(name);
        if (!File.Exists(file))
            throw NotFound(name, null);
        try
        {
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception);
        }
    }

    private static void WriteAtomically(string file, string text, bool replace)
    {
        var name = $".{System.IO.Path.GetFileName(file)}.{Guid.NewGuid():N}.tmp";
        var temporary = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(file)!, name);
        using var stream = new FileStream(temporary, FileMode.CreateNew);
        try
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
            File.Move(temporary, file, replace);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private string[] ListFiles()
    {
        try
        {
            return [.. Directory.EnumerateFiles(path, "*" + Extension).Where(IsDocument).Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception);
        }
    }

    /// <summary>Hidden files are editors' and our own unfinished ones.</summary>
    private static bool IsDocument(string file) => !System.IO.Path.GetFileName(file.AsSpan()).StartsWith('.');

    private byte[] ReadBytes(string name, string file)
    {
        RefuseOtherThanFile(file);
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > JobJson.MaximumSize)
            {
                throw new PipelineException(
                    PipelineError.InvalidJob, $"{file}: it has {stream.Length} bytes; a job document has at most {JobJson.MaximumSize}.");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (FileNotFoundException exception)
        {
            throw NotFound(name, exception);
        }
        catch (DirectoryNotFoundException exception)
        {
            throw Unusable(exception); // the folder is away, which says nothing about the job
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, exception);
        }
    }

    /// <summary>Opening a pipe would wait for its writer, and a device may do anything.</summary>
    private static void RefuseOtherThanFile(string file)
    {
        if (File.Exists(file) && !FileIdentity.IsRegularFile(file))
            throw new PipelineException(PipelineError.InvalidJob, $"{file}: it is not a regular file. Remove it, or put the job document in its place.");
    }

    /// <summary>A name that is none could lead out of the folder.</summary>
    private string FileOf(string name) => JobName.IsValid(name)
        ? System.IO.Path.Combine(path, name + Extension)
        : throw new PipelineException(PipelineError.InvalidJob, $"'{name}' is not a name of a job; it has {JobName.Rule}.");

    private static PipelineException Unreadable(string file, Exception cause) => new(
        PipelineError.InvalidJob, $"{file}: it cannot be read: {cause.Message}", cause);

    private PipelineException NotFound(string name, Exception? cause) => new(
        PipelineError.JobNotFound, $"There is no job '{name}' in {path}. List the jobs, or register it.", cause);

    private static PipelineException Exists(string name, string file, Exception? cause) => new(
        PipelineError.JobExists, $"There is a job '{name}' already ({file}). Replace it explicitly, or choose another name.", cause);

    private PipelineException Unusable(Exception cause) => new(
        PipelineError.JobFolderUnusable, $"{path}: the folder of the job documents cannot be used: {cause.Message}", cause);
}
