using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SnapBackup.Control;
using SnapBackup.Control.Scheduling;
using SnapBackup.Nbd;

namespace SnapBackup.Service;

/// <summary>The job service as the host starts and stops it.</summary>
internal sealed class BackupService : IHostedService, IAsyncDisposable
{
    /// <summary>How long stopping may take; the unit file gives a little more.</summary>
    public static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(45);

    private readonly Arguments _arguments;
    private readonly ServiceLog _log;
    private readonly SnapBackupControl _control;
    private readonly JobService _jobs;
    private bool _wasStopped;

    public BackupService(Arguments arguments, ILoggerFactory loggers)
    {
        _arguments = arguments;
        _log = new ServiceLog(loggers.CreateLogger("SnapBackup"));
        var nbd = new NbdServerOptions { OnConnectionFailed = _log.ConnectionFailed };
        _control = new SnapBackupControl(arguments.State, arguments.Socket, TimeProvider.System, nbd);
        _jobs = new JobService(_control, new LoggingObserver(_log), new JobServiceOptions { Loggers = loggers });
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_arguments.Tcp is { } tcp)
        {
            var address = _control.Devices.ServeOnTcp(tcp.Address, tcp.LoadTls());
            _log.ServesOnTcp(address, tcp.Certificate is null ? "without TLS" : "with TLS only");
        }

        await _jobs.StartAsync(cancellationToken).ConfigureAwait(false);
        _log.Started(_arguments.State.Jobs, _arguments.Socket);
    }

    /// <param name="cancellationToken">Ends <see cref="StopLimit"/> after the signal.</param>
    /// <exception cref="ServiceException"><see cref="ServiceError.StopTimedOut"/>.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _wasStopped = true;
        _log.Stopping();
        try
        {
            await _jobs.StopAsync(cancellationToken).ConfigureAwait(false);
            await LetGoAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new ServiceException(
                ServiceError.StopTimedOut,
                $"Runs were not taken down or devices not let go within {StopLimit.TotalSeconds:0} seconds. The next start cleans up after them.",
                exception);
        }

        _log.Stopped();
    }

    /// <summary>Lets go what a start that failed had made. What was stopped in time needs no more, and for the rest nobody waits longer.</summary>
    public ValueTask DisposeAsync() => _wasStopped ? ValueTask.CompletedTask : new ValueTask(LetGoAsync());

    private async Task LetGoAsync()
    {
        await _jobs.DisposeAsync().ConfigureAwait(false);
        await _control.DisposeAsync().ConfigureAwait(false);
    }
}
