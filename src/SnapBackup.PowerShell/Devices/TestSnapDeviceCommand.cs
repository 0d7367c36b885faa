using System.Management.Automation;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>Tests whether the logs of a snap device hold what they should.</summary>
/// <remarks>
/// <para>Everything on the logs is read, every checksum verified, and what the logs say compared with what the device knows. The disk can be used
/// meanwhile. Nothing is repaired or marked broken: a snapshot that is harmed in parts can still be read in the others.</para>
/// <para>What is wrong is a finding in the report, and not an error. A finding of severity Error says that something kept is lost, or will be
/// when the device is attached again, and names the snapshots; a Warning, that only a second copy is gone, or something that saves time.</para>
/// </remarks>
/// <example>
/// <code>
/// Get-SnapDevice | Test-SnapDevice
/// </code>
/// <para>A report on each device of this session.</para>
/// </example>
/// <example>
/// <code>
/// (Test-SnapDevice db).Findings
/// </code>
/// <para>What is wrong with the logs of the device db, where, and which snapshots it harms.</para>
/// </example>
/// <example>
/// <code>
/// if (-not (Test-SnapDevice db -Quiet)) { throw 'Archive the snapshots that can be read, and set the device up on other logs.' }
/// </code>
/// <para>Only whether nothing was found.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "SnapDevice")]
[OutputType(typeof(SnapDeviceReport), typeof(bool))]
public sealed class TestSnapDeviceCommand : SnapBackupCommand
{
    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>Writes only whether nothing was found, instead of a report.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Name;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        using var bar = new ProgressBar(this, $"Testing {Name}");
        var report = await Control.Devices.CheckAsync(Name, bar.ForCheck("Verified"), cancellationToken).ConfigureAwait(true);
        WriteObject(Quiet ? report.IsClean : report);
    }
}
