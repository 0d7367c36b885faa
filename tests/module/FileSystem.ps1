# Dot-sourced, by BeforeDiscovery and BeforeAll alike, by suites that mount: which needs root, and programs of the system.

# Whether this machine can; with SNAPBACKUP_REQUIRE_TOOLS=1 it must.
function Test-CanMount {
    $tools = 'mkfs.ext4', 'nbdfuse', 'losetup', 'mount', 'umount', 'fsfreeze'
    $missing = @($tools | Where-Object { $tool = $_; @('/usr/sbin', '/sbin', '/usr/bin', '/bin' | Where-Object { [System.IO.File]::Exists("$_/$tool") }).Count -eq 0 })
    ($missing.Count -eq 0 -and [System.Environment]::IsPrivilegedProcess) -or [System.Environment]::GetEnvironmentVariable('SNAPBACKUP_REQUIRE_TOOLS') -eq '1'
}

# Runs a program of the system to its end.
function Invoke-TestProgram {
    param([Parameter(Mandatory)] [string] $Program, [Parameter(Mandatory)] [string[]] $Arguments)

    $start = [System.Diagnostics.ProcessStartInfo]::new($Program, $Arguments)
    $start.RedirectStandardError = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $said = $process.StandardError.ReadToEnd()
    $process.WaitForExit()
    if ($process.ExitCode -ne 0) { throw "$Program $($Arguments -join ' '): $said" }
}

# A file with an empty ext4.
function New-TestFileSystem {
    param([Parameter(Mandatory)] [string] $Path)

    $file = [System.IO.File]::Create($Path)
    $file.SetLength(16MB)
    $file.Dispose()
    Invoke-TestProgram mkfs.ext4 '-q', $Path
    $Path
}

# What is mounted below a folder.
function Get-TestMount {
    param([Parameter(Mandatory)] [string] $Folder)

    [System.IO.File]::ReadAllLines('/proc/self/mountinfo') | ForEach-Object { ($_ -split ' ')[4] } | Where-Object { $_.StartsWith($Folder) }
}
