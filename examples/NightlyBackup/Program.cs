using System.Runtime.InteropServices;
using NightlyBackup;
using SnapBackup.Blocks;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(Arguments.Usage);
    return 0;
}

if (!Arguments.TryParse(args, out var arguments, out var problem))
{
    Console.Error.WriteLine($"{problem}\n{Arguments.Usage}");
    return 1;
}

// Asked to stop, it takes down what it has set up before it ends.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var workspace = new Workspace();
try
{
    await new NightlyRun(workspace, arguments).ExecuteAsync(stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("FAILED   stopped; nothing is left behind");
    return 1;
}
catch (Exception failure) when (failure is SnapBackupException or InvalidOperationException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"FAILED   {failure.Message}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
