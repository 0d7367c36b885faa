# Dot-sourced by the BeforeAll of a suite: a session with the module, a state folder of its own below $TestDrive, and what
# tests need to make disks. Only the language, .NET and the module are used, so that suites run wherever PowerShell does.

[System.Environment]::SetEnvironmentVariable('SNAPBACKUP_STATE', "$TestDrive/state")
Import-Module "$PSScriptRoot/../../SnapBackup.psd1" -Force

# The AfterAll of a suite.
function Stop-TestSession {
    Remove-Module SnapBackup
    [System.Environment]::SetEnvironmentVariable('SNAPBACKUP_STATE', [NullString]::Value)
}

# The AfterEach of a suite that makes devices.
function Clear-TestSession { Get-SnapDevice | Remove-SnapDevice -Force }

# A new, empty folder.
function New-TestFolder { [System.IO.Directory]::CreateDirectory("$TestDrive/$([guid]::NewGuid())").FullName }

# A file of random bytes with zeros in the middle.
function New-TestDisk {
    param([Parameter(Mandatory)] [string] $Path, [int] $Size = 2MB)

    $bytes = [byte[]]::new($Size)
    [System.Random]::new(7).NextBytes($bytes)
    [array]::Clear($bytes, $Size / 4, $Size / 4)
    [System.IO.File]::WriteAllBytes($Path, $bytes)
    $Path
}

# What tells one content from another.
function Get-TestDigest {
    param([Parameter(Mandatory)] [string] $Path)

    [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($Path)))
}

# Changes one byte of a file.
function Edit-TestFile {
    param([Parameter(Mandatory)] [string] $Path, [Parameter(Mandatory)] [long] $Offset)

    $stream = [System.IO.File]::Open($Path, 'Open', 'ReadWrite')
    try {
        $stream.Position = $Offset
        $byte = $stream.ReadByte()
        $stream.Position = $Offset
        $stream.WriteByte($byte -bxor 1)
    }
    finally { $stream.Dispose() }
}

# What TAB offers at the end of a command line.
function Get-TestCompletion {
    param([Parameter(Mandatory)] [string] $Line)

    [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches |
        ForEach-Object { $_.CompletionText }
}
