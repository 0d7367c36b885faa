using System.Collections;
using SnapBackup.Control;

namespace SnapBackup.PowerShell;

/// <summary>Completes the name of a backup job.</summary>
internal sealed class JobNameCompleter : NameCompleter
{
    protected override IEnumerable<string> NamesIn(SnapBackupControl control, IDictionary given) => control.Jobs.List().Select(job => job.Name);
}
