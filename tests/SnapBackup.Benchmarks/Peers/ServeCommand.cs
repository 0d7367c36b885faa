using System.Globalization;
using SnapBackup.Control;
using SnapBackup.Engine;

namespace SnapBackup.Benchmarks.Peers;

/// <summary>What this program does in the process that is measured: it serves a snap device as a shell or the service would, and obeys its input.</summary>
internal static class ServeCommand
{
    public const string Start = "start";
    public const string End = "end";
    public const string Done = "done";

    private const string Device = "disk";

    /// <summary>Serves until the input ends.</summary>
    /// <param name="arguments">The socket, the source, the log and its size in bytes.</param>
    public static async Task RunAsync(IReadOnlyList<string> arguments)
    {
        await using var control = new SnapBackupControl(StateFolder.Default, arguments[0], TimeProvider.System);
        await control.Devices.AttachAsync(new SnapDeviceOptions
        {
            Name = Device,
            Source = arguments[1],
            Logs = [new LogOptions { Path = arguments[2], Size = long.Parse(arguments[3], CultureInfo.InvariantCulture) }],
        });
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case [Start, var snapshot]:
                    await control.Snapshots.StartAsync(Device, snapshot);
                    break;
                case [End, var snapshot]:
                    await control.Snapshots.EndAsync(Device, snapshot);
                    break;
            }

            Console.WriteLine(Done);
        }
    }
}
