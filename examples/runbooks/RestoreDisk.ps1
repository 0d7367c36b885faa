#Requires -Version 7.6

<#
.SYNOPSIS
Restores a disk from its newest good archive in a store.

.DESCRIPTION
Tests the disk's archives in the store, the newest first, until one is found intact: a newer one that is damaged is warned of and
passed over. Asks, restores it to the target, and compares the target with the archive as the stock tools zstd and cmp read
it, where they are installed.

.PARAMETER Store
The folder that keeps the archives.

.PARAMETER Target
The file to make, or with -Force the file or block device to overwrite. It must not be in use.

.PARAMETER Device
The device or job whose archives they are; wildcards are permitted. It must be given when the store holds archives of
several, and select one of them: a disk is never overwritten with another one's image.

.PARAMETER Force
Overwrites a target that exists; what it held is lost.

.OUTPUTS
The archive that was restored.

.EXAMPLE
./RestoreDisk.ps1 -Store /backup -Device db -Target /dev/vg0/db -Force

Restores a volume, after asking.

.EXAMPLE
./RestoreDisk.ps1 -Store /backup -Target /tmp/disk.img -Confirm:$false

Restores into a new file without asking, from a store that holds the archives of one device only.
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory)] [string] $Store,
    [Parameter(Mandatory)] [string] $Target,
    [string] $Device = '*',
    [switch] $Force
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false
Set-StrictMode -Version Latest
Import-Module "$PSScriptRoot/../../SnapBackup.psd1"

# Files that cannot be read as archives are no reason not to restore a good one.
$archives = @(Get-SnapArchive -Store $Store -ErrorAction SilentlyContinue | Where-Object Device -CLike $Device)
$devices = [System.Collections.Generic.SortedSet[string]]::new([System.StringComparer]::Ordinal)
foreach ($archive in $archives) { $null = $devices.Add($archive.Device) }
if ($devices.Count -gt 1) {
    throw "${Store}: there are archives of several devices: $($devices -join ', '). Say with -Device which one to restore."
}

[array]::Reverse($archives)
$good = $null
foreach ($archive in $archives) {
    if ($archive | Test-SnapArchive -Quiet) {
        $good = $archive
        break
    }
    $PSCmdlet.WriteWarning("$($archive.Path) is damaged. Trying the one before it.")
}
if ($null -eq $good) {
    throw "${Store}: there is no intact archive of '$Device'."
}

# Asks, or says what it would do: -Confirm and -WhatIf of this script reach the cmdlet.
$restored = $good | Restore-SnapArchive -Target $Target -Force:$Force
if ($null -eq $restored) {
    return
}

$tools = @(Get-Command zstd, cmp -CommandType Application -TotalCount 2 -ErrorAction Ignore)
if ($tools.Count -lt 2) {
    $PSCmdlet.WriteWarning('zstd or cmp is not installed: the target was not compared with the archive.')
}
else {
    $path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Target)
    zstd --decompress --stdout --quiet -- $restored.Path | cmp --bytes $restored.Size -- - $path
    if ($LASTEXITCODE -ne 0) {
        throw "${Target}: it is not what the archive holds. Look at the disk, and restore again."
    }
}
$restored
