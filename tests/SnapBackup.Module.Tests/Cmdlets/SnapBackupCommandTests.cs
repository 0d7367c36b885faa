using System.Management.Automation;
using SnapBackup.Blocks;
using SnapBackup.Module.Tests.Hosting;
using Shell = System.Management.Automation.PowerShell;

namespace SnapBackup.Module.Tests.Cmdlets;

public sealed class SnapBackupCommandTests : IDisposable
{
    private readonly ModuleSession _session = new(typeof(InvokeProbeCommand));

    public void Dispose() => _session.Dispose();

    [Fact]
    public void After_an_await_the_cmdlet_is_back_on_the_pipeline_thread()
    {
        using var shell = Probe(async (cmdlet, token) =>
        {
            var pipeline = Environment.CurrentManagedThreadId;
            var elsewhere = await Task.Run(() => Environment.CurrentManagedThreadId, token);
            cmdlet.WriteObject(elsewhere != pipeline);
            cmdlet.WriteObject(Environment.CurrentManagedThreadId == pipeline);
            cmdlet.WriteWarning("careful");
        });
        Assert.Equal([true, true], shell.Invoke<bool>());
        Assert.Equal("careful", Assert.Single(shell.Streams.Warning).Message);
    }

    [Fact]
    public void Progress_reported_from_any_thread_is_written_in_order_before_the_cmdlet_ends()
    {
        using var shell = Probe((cmdlet, token) =>
        {
            IProgress<int> progress = new Progress<int>(percent => cmdlet.WriteProgress(new ProgressRecord(1, "a", "b") { PercentComplete = percent }));
            return Task.Run(
                () =>
                {
                    for (var percent = 0; percent <= 100; percent += 10)
                        progress.Report(percent);
                },
                token);
        });
        shell.Invoke();
        Assert.Equal(Enumerable.Range(0, 11).Select(step => step * 10), shell.Streams.Progress.Select(record => record.PercentComplete));
    }

    [Fact]
    public async Task Ctrl_C_cancels_the_operation_and_waits_for_what_it_takes_down()
    {
        var started = new TaskCompletionSource();
        var takenDown = false;
        using var shell = Probe(async (_, token) =>
        {
            started.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                await Task.Yield();
                takenDown = true;
            }
        });
        var running = Task.Run(() => shell.Invoke(), TestContext.Current.CancellationToken);
        await started.Task;
        shell.Stop();
        Assert.True(takenDown);
        await Record.ExceptionAsync(() => running);
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
    }

    [Fact]
    public void A_failing_report_ends_the_operation_and_is_thrown_when_it_has_ended()
    {
        var ended = false;
        using var shell = Probe(async (_, token) =>
        {
            IProgress<int> progress = new Progress<int>(_ => throw new InvalidOperationException("no screen"));
            progress.Report(1);
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                ended = true;
            }
        });
        var error = Assert.ThrowsAny<RuntimeException>(() => shell.Invoke());
        Assert.Equal("no screen", error.InnerException?.Message);
        Assert.True(ended);
    }

    [Fact]
    public void An_error_of_ours_terminates_with_its_id_category_and_target()
    {
        using var shell = Probe((_, _) => throw new BlockDeviceException(BlockDeviceError.Busy, "disk: it is in use."));
        var record = Assert.ThrowsAny<RuntimeException>(() => shell.Invoke()).ErrorRecord;
        Assert.Equal("BlockDeviceError.Busy,SnapBackup.Module.Tests.Cmdlets.InvokeProbeCommand", record.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceBusy, record.CategoryInfo.Category);
        Assert.Equal("the target", record.TargetObject);
        Assert.IsType<BlockDeviceException>(record.Exception);
    }

    [Fact]
    public void A_cancellation_that_nobody_asked_for_is_an_error_and_not_a_stop()
    {
        using var shell = Probe((_, _) => throw new OperationCanceledException("by itself"));
        Assert.IsType<OperationCanceledException>(Assert.ThrowsAny<RuntimeException>(() => shell.Invoke()).InnerException);
    }

    [Theory]
    [InlineData("20GB", 21_474_836_480)]
    [InlineData("'20GiB'", 21_474_836_480)]
    [InlineData("1.5TB", 1_649_267_441_664)]
    [InlineData("4096", 4096)]
    [InlineData("'64K'", 65_536)]
    [InlineData("([uint64] 7)", 7)]
    [InlineData("0", 0)]
    public void A_size_is_a_number_of_PowerShell_or_a_text_with_its_unit(string argument, long bytes) =>
        Assert.Equal([bytes], _session.Invoke($"Invoke-Probe -Size {argument}"));

    [Fact]
    public void A_size_that_is_null_is_none() =>
        Assert.Empty(_session.Invoke("Invoke-Probe -Size $null"));

    [Theory]
    [InlineData("'20GB'")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("([double]::NaN)")]
    [InlineData("20000PB")]
    [InlineData("$true")]
    [InlineData("(1, 2)")]
    [InlineData("'much'")]
    public void What_is_not_a_size_is_refused_by_its_parameter(string argument)
    {
        var error = Assert.ThrowsAny<RuntimeException>(() => _session.Invoke($"Invoke-Probe -Size {argument}"));
        Assert.StartsWith("ParameterArgumentTransformationError", error.ErrorRecord.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_is_relative_to_the_location_and_need_not_exist()
    {
        using var folder = new TempFolder();
        var paths = _session.Invoke(
            $"$null = $ExecutionContext.SessionState.Path.SetLocation('{folder.Path}'); Invoke-Probe -Path 'disk[1].img'; Invoke-Probe -Path ../x");
        Assert.Equal([folder["disk[1].img"], Path.Combine(Path.GetDirectoryName(folder.Path)!, "x")], paths);
    }

    [Fact]
    public void A_path_outside_the_file_system_is_refused()
    {
        var error = Assert.ThrowsAny<RuntimeException>(() => _session.Invoke("Invoke-Probe -Path variable:home"));
        Assert.StartsWith("NotAFileSystemPath,", error.ErrorRecord.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    private Shell Probe(Func<InvokeProbeCommand, CancellationToken, Task> work) =>
        _session.Script("param($Work) Invoke-Probe -Work $Work").AddParameter("Work", work);
}
