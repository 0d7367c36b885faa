using System.Diagnostics;
using System.Text.Json;

namespace SnapBackup.Service.Tests;

/// <summary>A running <c>snapbackupd</c>, which logs as JSON. Disposing kills it, if it still runs.</summary>
public sealed class Daemon : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly EventLog _log = new();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private Daemon(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "snapbackupd");

    public int Id => _process.Id;

    public static Daemon Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Logging__Console__FormatterName"] = "json";
        start.Environment["Logging__LogLevel__SnapBackup"] = "Debug";
        return new Daemon(Process.Start(start)!);
    }

    /// <summary>Waits until a message of that number was logged whose text contains a part; fails when the daemon ends before.</summary>
    public Task<string> LoggedAsync(int eventId, string part) => _log.FirstAsync($"[{eventId}]", part);

    /// <summary>Waits until something that no event tells has come true; fails when the daemon ends before.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        while (!condition())
        {
            Assert.False(_process.HasExited, $"The daemon ended too early.\n{_log}");
            await Task.Delay(10, limit.Token);
        }
    }

    /// <summary>Kills it as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end, and waits until it has, within its own bound.</summary>
    public async Task TerminateAsync()
    {
        (await ExternalTool.Require("sh").RunAsync("-c", $"kill -TERM {Id}")).Succeeded();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(BackupService.StopLimit);
        await _reading;
        Assert.True(_process.ExitCode == 0, $"{_process.ExitCode}: {await _errors}\n{_log}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        await _reading;
        await _errors;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var entry = JsonDocument.Parse(line);
            _log.Add($"[{entry.RootElement.GetProperty("EventId")}] {entry.RootElement.GetProperty("Message")}");
        }

        _log.Complete();
    }
}
