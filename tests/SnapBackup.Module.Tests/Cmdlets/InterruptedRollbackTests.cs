using SnapBackup.Blocks;
using SnapBackup.Engine;
using SnapBackup.Module.Tests.Hosting;

namespace SnapBackup.Module.Tests.Cmdlets;

/// <summary>A device whose rollback was interrupted, and whose snapshot has been lost since.</summary>
[Collection(StateFolderCollection.Name)]
public sealed class InterruptedRollbackTests : IDisposable
{
    private readonly DiskSession _session = new(1 << 20);

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task It_is_shown_and_warned_of_and_the_origin_is_closed_until_it_is_abandoned()
    {
        await InterruptAsync();
        _session.Invoke($"$device = New-SnapDevice -Source '{_session.Disk}' -Log '{_session.Log}' -Name db -WarningVariable warnings -WarningAction SilentlyContinue");
        Assert.Equal(["monday"], _session.Invoke("$device.IncompleteRollback"));
        Assert.Collection(
            _session.Invoke("$warnings"),
            warning => Assert.Contains("db: the rollback to 'monday' was not finished", warning, StringComparison.Ordinal),
            warning => Assert.StartsWith("db@monday: the snapshot could not be kept", warning, StringComparison.Ordinal));
        Assert.Equal(["monday"], _session.Invoke("(Get-SnapDevice -WarningVariable warnings -WarningAction SilentlyContinue).IncompleteRollback"));
        Assert.Contains("abandon the rollback", _session.Invoke("$warnings").First(), StringComparison.Ordinal);
        Assert.Equal(["EngineError.RollbackIncomplete"], ErrorOf("Start-Snapshot db next"));
        Assert.Equal(["EngineError.RollbackIncomplete"], ErrorOf("Remove-SnapDevice db -Confirm:$false"));
        Assert.Equal(["EngineError.SnapshotBroken"], ErrorOf("Restore-Snapshot db monday -Confirm:$false"));

        _session.Invoke("Restore-Snapshot db -Abandon -WhatIf");
        Assert.Equal(["monday"], _session.Invoke("(Get-SnapDevice -WarningAction SilentlyContinue).IncompleteRollback"));
        Assert.Empty(_session.Invoke("Get-SnapDevice -WarningAction SilentlyContinue | Where-Object IncompleteRollback | Restore-Snapshot -Abandon -Confirm:$false"));

        Assert.Empty(_session.Invoke("Stop-Snapshot db monday; Get-SnapDevice -WarningVariable warnings | Where-Object IncompleteRollback; $warnings"));
        Assert.Equal(["Active"], _session.Invoke("(Start-Snapshot db next).State"));
    }

    private IEnumerable<string> ErrorOf(string script) =>
        _session.Invoke($"try {{ $null = {script} }} catch {{ $_.FullyQualifiedErrorId -replace ',.*' }}");

    /// <summary>Leaves source and log as a rollback does that failed, after which the source was written behind the device's back.</summary>
    private async Task InterruptAsync()
    {
        var source = new MemoryBlockDevice("source", _session.Content);
        var log = new MemoryBlockDevice("log", 4 << 20);
        await using (var device = await SnapDevice.SetUpAsync("db", source, [log], new DeviceSettings(), TestContext.Current.CancellationToken))
        {
            await device.StartSnapshotAsync("monday", TestContext.Current.CancellationToken);
            await using (var origin = device.OpenOrigin())
                await origin.WriteAsync(0, new byte[65536], cancellationToken: TestContext.Current.CancellationToken);
            source.Fault = (operation, _, _) =>
            {
                if (operation == "write")
                    throw new BlockDeviceException(BlockDeviceError.InputOutput, "source: the medium is bad.");
            };
            var failure = await Assert.ThrowsAsync<EngineException>(() => device.RollBackAsync("monday"));
            Assert.Equal(EngineError.RollbackIncomplete, failure.Reason);
            source.Fault = null;
        }

        await File.WriteAllBytesAsync(_session.Disk, source.Content, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_session.Log, log.Content, TestContext.Current.CancellationToken);
    }
}
