using SnapBackup.Engine;
using SnapBackup.Kernel;
using SnapBackup.Kernel.Freezing;
using SnapBackup.Pipeline.Cycle;

namespace SnapBackup.Control.Mounts;

/// <summary>
/// Holds the file systems still that are mounted from attached origins. Whatever must be written until they are thawed is known here: all logs of this
/// process, the sources, and the state folder.
/// </summary>
/// <param name="devices">The devices of this process.</param>
/// <param name="attachments">What the kernel has of them.</param>
/// <param name="state">Where runs are journalled.</param>
internal sealed class OriginFreezer(SnapDeviceTable devices, AttachmentTable attachments, StateFolder state) : IOriginFreezer
{
    /// <summary>Does something while the origins of some devices are frozen, and undoes it if that took too long.</summary>
    /// <param name="frozen">The devices.</param>
    /// <param name="options">Whether, and how long.</param>
    /// <param name="action">What is done; given up when the limit is exceeded.</param>
    /// <param name="undo">Takes it back.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KernelException">One cannot be or stay frozen; then it is not done.</exception>
    public async Task<T> RunAsync<T>(
        IReadOnlyList<SnapDevice> frozen, FreezeOptions options, Func<CancellationToken, Task<T>> action, Func<T, Task> undo, CancellationToken cancellationToken)
    {
        if (!options.IsWanted)
            return await action(cancellationToken).ConfigureAwait(false);
        var freeze = await BeginAsync(frozen, options.Limit, [], cancellationToken).ConfigureAwait(false);
        await using (freeze.ConfigureAwait(false))
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, freeze.LimitExceeded);
            T value;
            try
            {
                value = await action(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (freeze.LimitExceeded.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw freeze.LateFor(string.Join(", ", frozen.Select(device => device.Name)));
            }

            try
            {
                await freeze.ThawAsync().ConfigureAwait(false);
            }
            catch (KernelException)
            {
                await undo(value).ConfigureAwait(false);
                throw;
            }

            return value;
        }
    }

    /// <inheritdoc/>
    public async Task<IFrozenOrigin> FreezeAsync(SnapDevice device, IReadOnlyList<string> needed, CancellationToken cancellationToken) =>
        new FrozenOrigin(await BeginAsync([device], FileSystemFreeze.UsualLimit, needed, cancellationToken).ConfigureAwait(false));

    private Task<FileSystemFreeze> BeginAsync(
        IReadOnlyList<SnapDevice> frozen, TimeSpan limit, IEnumerable<string> alsoNeeded, CancellationToken cancellationToken)
    {
        var origins = frozen.Select(device => attachments.FindOrigin(device.Name)).OfType<Kernel.Attaching.Attachment>();
        var needed = frozen.Select(device => device.SourceName)
            .Concat(devices.Devices.SelectMany(device => device.LogNames))
            .Append(state.Path)
            .Concat(alsoNeeded);
        return FileSystemFreeze.BeginAsync(origins, needed, limit, cancellationToken);
    }
}
