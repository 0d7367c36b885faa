# The cmdlets are compiled. Their dependencies are private to the module (see ModuleDependencies), and must be found
# before PowerShell looks at the cmdlets' types.
$cmdlets = "$PSScriptRoot/bin/SnapBackup.PowerShell.dll"
if (-not [System.IO.File]::Exists($cmdlets)) {
    throw "$cmdlets does not exist yet: build the module with 'dotnet build', then import it again."
}

$null = [System.Reflection.Assembly]::LoadFrom($cmdlets)
[SnapBackup.PowerShell.ModuleDependencies]::Provide()
Import-Module -Name $cmdlets

# What the session has attached does not outlive the module; snapshots do, on their logs.
$ExecutionContext.SessionState.Module.OnRemove = { [SnapBackup.PowerShell.ModuleControl]::Close() }
