#Requires -Version 7.6

<#
.SYNOPSIS
Backs a disk up once: device, snapshot, archive, proof, and everything taken down again.

.DESCRIPTION
What the scheduler does for a registered job, step by step, for those who want to do something of their own in between:
freeze a database, send a message. Whatever happens, its snapshot has ended when it ends, and what it has set up is gone: the
device, and the log if it was not there before. An archive that was made stays. So does a log that was there before, with the
snapshots of others that it keeps.

Users of the disk who write during the backup must write through the device's origin (its Uri). An image that nobody
writes to needs no attaching. While someone is still attached when the script ends, device and log stay, so that nobody
loses the disk: a warning says so, and how to take them down.

.PARAMETER Source
The disk, volume or image file to back up.

.PARAMETER Store
The folder that keeps the archives; it must exist.

.PARAMETER LogFolder
The folder for the log, which takes what is overwritten during the backup. Not on the disk that is backed up. The log is
called after the device, with .log; one that is there already is used, and stays.

.PARAMETER LogSize
The size of the log in bytes: how much may be overwritten during the backup.

.PARAMETER Name
What to call the device. The archives carry the name.

.OUTPUTS
The archive, after it was read back and found intact.

.EXAMPLE
./NightlyBackup.ps1 -Source /dev/vg0/db -Store /backup -LogFolder /var/lib/snapbackup -Name db

Backs up a volume.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Source,
    [Parameter(Mandatory)] [string] $Store,
    [Parameter(Mandatory)] [string] $LogFolder,
    [long] $LogSize = 1GB,
    [string] $Name = 'nightly'
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
Import-Module "$PSScriptRoot/../../SnapBackup.psd1"

$log = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath("$LogFolder/$Name.log")
$logIsOurs = -not [System.IO.File]::Exists($log)
$snapshot = 'NightlyBackup'
$device = New-SnapDevice -Source $Source -Log $log -LogSize $LogSize -Name $Name
try {
    # A backup that was killed has left its snapshot on a log that stays.
    Get-Snapshot -Device $device.Name -Name $snapshot | Stop-Snapshot

    # From here on everything is preserved before it is overwritten.
    $archive = Start-Snapshot -Device $device.Name -Name $snapshot | New-SnapArchive -Store $Store
    Stop-Snapshot -Device $device.Name -Name $snapshot

    # An archive that nobody has read is a hope.
    $report = $archive | Test-SnapArchive
    if (-not $report.IsIntact) {
        throw "$($archive.Path): $($report.Damaged.Count) parts are damaged. Look at the medium, and back up again."
    }
    $archive
}
finally {
    # First the snapshot: a device that has to stay must not go on filling its log.
    Get-Snapshot -Device $device.Name -Name $snapshot | Stop-Snapshot
    $stays = $false
    try {
        Remove-SnapDevice -Name $device.Name -KeepSnapshot
    }
    catch {
        if ($_.FullyQualifiedErrorId -notlike 'EngineError.DeviceInUse,*') { throw }
        $stays = $true
        $PSCmdlet.WriteWarning("The device $($device.Name) and its log $log stay, without the backup's snapshot: $($_.Exception.Message) " +
            "When its users are gone, run: Remove-SnapDevice $($device.Name)$($logIsOurs ? "; Remove-Item -LiteralPath '$log'" : '')")
    }
    if ($logIsOurs -and -not $stays) { [System.IO.File]::Delete($log) }
}
