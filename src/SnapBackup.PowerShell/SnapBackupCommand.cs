using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using SnapBackup.Blocks;
using SnapBackup.Control;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>
/// The base of every cmdlet: asynchronous work on the pipeline thread, Ctrl-C as cancellation, and errors with a stable id.
/// </summary>
/// <remarks>
/// A cmdlet binds its parameters, calls one operation and writes what it returns. It awaits with
/// <c>ConfigureAwait(true)</c>, so that it may write objects, progress and warnings at any point.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "StopProcessing may come after the end; a source without a timer holds nothing to release.")]
public abstract class SnapBackupCommand : PSCmdlet
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>What an error is about: the value of the parameter that names the thing, when there is one.</summary>
    protected virtual object? ErrorTarget => null;

    /// <summary>Whether the user said that nothing is to be asked: -Confirm:$false.</summary>
    private protected bool IsConfirmedBeforehand =>
        MyInvocation.BoundParameters.TryGetValue("Confirm", out var confirm) && confirm is SwitchParameter { IsPresent: false };

    /// <summary>What the cmdlets of this session work on.</summary>
    private protected static SnapBackupControl Control => ModuleControl.Current;

    /// <summary>What an error's user can do in this shell, besides what its message says; null for nothing more.</summary>
    /// <param name="error">The error.</param>
    private protected virtual string? AdviceOn(SnapBackupException error) => Remedy.Of(error.ReasonCode, MyInvocation);

    /// <summary>Does the work for one input object, on the pipeline thread.</summary>
    /// <param name="cancellationToken">Cancelled by Ctrl-C, and when the pipeline is stopped.</param>
    protected abstract Task ProcessAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        try
        {
            PipelineSynchronizationContext.Run(() => ProcessAsync(_stopping.Token), _stopping.Cancel);
        }
        catch (SnapBackupException error)
        {
            ThrowTerminatingError(ErrorRecordMap.ToErrorRecord(error, AdviceOn(error), ErrorTarget));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _stopping.Cancel();

    /// <summary>The path in the file system that a PowerShell path names: relative to the location, through drives.</summary>
    /// <param name="path">The path as the user gave it; wildcards are taken literally, and nothing need exist there.</param>
    /// <returns>The absolute path.</returns>
    protected string ResolvePath(string path)
    {
        var resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        if (!provider.Name.Equals("FileSystem", StringComparison.Ordinal))
        {
            var error = new ArgumentException(
                $"{path}: it is a path of the provider {provider.Name}. Name a file or a device in the file system.");
            ThrowTerminatingError(new ErrorRecord(error, "NotAFileSystemPath", ErrorCategory.InvalidArgument, path));
        }

        return resolved;
    }

    /// <summary>
    /// Writes what names select: a name with wildcards any number, a name without one, or an error that does not end the
    /// pipeline.
    /// </summary>
    /// <param name="names">The names as the user gave them; null selects all.</param>
    /// <param name="all">What there is.</param>
    /// <param name="nameOf">The name of one.</param>
    /// <param name="get">Gets one by its name, or throws what is to be said of a name that nothing has.</param>
    /// <param name="write">Writes one; else it is an object of the output.</param>
    private protected void WriteNamed<T>(
        string[]? names, IReadOnlyList<T> all, Func<T, string> nameOf, Func<string, T> get, Action<T>? write = null)
    {
        write ??= item => WriteObject(item);
        foreach (var name in names ?? ["*"])
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var found = all.Where(item => pattern.IsMatch(nameOf(item))).ToList();
            found.ForEach(write);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteOne(name, get, write);
        }
    }

    /// <summary>Writes a device with what its user should be warned of.</summary>
    private protected void WriteDevice(SnapDeviceInfo device)
    {
        WriteObject(device);
        WriteWarnings(device);
    }

    /// <summary>Writes what the user of a device should be warned of.</summary>
    private protected void WriteWarnings(SnapDeviceInfo device)
    {
        foreach (var warning in device.Warnings)
            WriteWarning(warning);
    }

    private void WriteOne<T>(string name, Func<string, T> get, Action<T> write)
    {
        try
        {
            write(get(name));
        }
        catch (SnapBackupException error)
        {
            WriteError(ErrorRecordMap.ToErrorRecord(error, AdviceOn(error), name));
        }
    }
}
