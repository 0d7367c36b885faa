using System.Collections;
using SnapBackup.Control;

namespace SnapBackup.PowerShell;

/// <summary>Completes the name of a snap device.</summary>
internal sealed class DeviceNameCompleter : NameCompleter
{
    protected override IEnumerable<string> NamesIn(SnapBackupControl control, IDictionary given) => control.Devices.List().Select(device => device.Name);
}
