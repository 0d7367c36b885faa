BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    . "$PSScriptRoot/Origin.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Restore-Snapshot' {
    BeforeEach {
        $folder = New-TestFolder
        $disk = New-TestDisk "$folder/disk.img"
        $monday = Get-TestDigest $disk
        $null = New-SnapDevice $disk "$folder/disk.log" -LogSize 4MB -Name db -SlowFrom 1
        $null = Start-Snapshot db monday
        Write-TestOrigin db -Offset 4KB -Length 100KB
        $tuesday = Get-TestDigest $disk
    }

    AfterEach {
        Clear-TestSession
    }

    It 'rolls the disk back and says what it has written' {
        $report = Restore-Snapshot -Device db -Name monday -Confirm:$false
        $report.Device | Should -Be 'db'
        $report.Snapshot | Should -Be 'monday'
        $report.BytesWritten | Should -Be 100KB
        $report.NotRestored | Should -BeNullOrEmpty
        Get-TestDigest $disk | Should -Be $monday
        (Get-SnapDevice db).IncompleteRollback | Should -BeNullOrEmpty
    }

    It 'keeps all snapshots, so that a newer one is the way back' {
        $null = Start-Snapshot db tuesday
        $null = Restore-Snapshot db monday -Confirm:$false
        (Get-Snapshot).Name | Should -Be 'monday', 'tuesday'
        $null = Restore-Snapshot db tuesday -Confirm:$false
        Get-TestDigest $disk | Should -Be $tuesday
        $null = Restore-Snapshot db monday -Confirm:$false
        Get-TestDigest $disk | Should -Be $monday
    }

    It 'leaves a disk that can be used and rolled back once more' {
        $null = Restore-Snapshot db monday -Confirm:$false
        Write-TestOrigin db -Length 1MB
        Get-TestDigest $disk | Should -Not -Be $monday
        $null = Restore-Snapshot db monday -Confirm:$false
        Get-TestDigest $disk | Should -Be $monday
    }

    It 'takes <What> from the pipeline' -ForEach @(
        @{ What = 'snapshots'; Run = { Get-Snapshot | Restore-Snapshot -Confirm:$false } }
        @{ What = 'devices'; Run = { Get-SnapDevice | Restore-Snapshot -Name monday -Confirm:$false } }
    ) {
        (& $Run).Snapshot | Should -Be 'monday'
        Get-TestDigest $disk | Should -Be $monday
    }

    It 'is refused while somebody has the disk open, unless it is forced' {
        $client = Connect-TestOrigin (Get-SnapDevice db)
        try {
            $failure = { Restore-Snapshot db monday -Confirm:$false } |
                Should -Throw -ErrorId 'EngineError.DeviceInUse,SnapBackup.PowerShell.RestoreSnapshotCommand' -PassThru
            $failure.TargetObject | Should -Be 'db'
            Get-TestDigest $disk | Should -Be $tuesday
            (Restore-Snapshot db monday -Force -Confirm:$false).BytesWritten | Should -Be 100KB
            Get-TestDigest $disk | Should -Be $monday
        }
        finally { Disconnect-TestOrigin $client db }
    }

    It 'refuses <Why>, and asks nothing' -ForEach @(
        @{ Why = 'a device that is not there'; Id = 'EngineError.DeviceNotFound'; Given = { 'gone', 'monday' } }
        @{ Why = 'a snapshot that is not there'; Id = 'EngineError.SnapshotNotStarted'; Given = { 'db', 'sunday' } }
        @{ Why = 'a bookmark'; Id = 'EngineError.SnapshotNotStarted'; Given = { Stop-Snapshot db monday -KeepChanges; 'db', 'monday' } }
    ) {
        $arguments = & $Given
        { Restore-Snapshot @arguments } | Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.RestoreSnapshotCommand"
        Get-TestDigest $disk | Should -Be $tuesday
    }

    It 'says of a bookmark that it has no content' {
        Stop-Snapshot db monday -KeepChanges
        $failure = { Restore-Snapshot db monday -WhatIf } | Should -Throw -PassThru
        $failure.Exception.Message | Should -BeLike "db: 'monday' is a bookmark*has no content*"
    }

    It 'refuses a snapshot that is broken' {
        $small = New-TestDisk "$folder/small.img"
        $null = New-SnapDevice $small "$folder/small.log" -LogSize 1MB -Name small | Start-Snapshot -Name monday
        Write-TestOrigin small -Length 2MB
        $before = Get-TestDigest $small
        { Get-Snapshot small | Restore-Snapshot -Confirm:$false } |
            Should -Throw -ErrorId 'EngineError.SnapshotBroken,SnapBackup.PowerShell.RestoreSnapshotCommand'
        Get-TestDigest $small | Should -Be $before
    }

    It 'changes nothing when the logs have no room for what newer snapshots need, and says what to do' {
        $full = New-TestDisk "$folder/full.img"
        $null = New-SnapDevice $full "$folder/full.log" -LogSize 1MB -Name full -SlowFrom 1 | Start-Snapshot -Name monday
        Write-TestOrigin full -Length 512KB
        $null = Start-Snapshot full tuesday
        $before = Get-TestDigest $full
        $failure = { Restore-Snapshot full monday -Confirm:$false } |
            Should -Throw -ErrorId 'EngineError.LogsTooFull,SnapBackup.PowerShell.RestoreSnapshotCommand' -PassThru
        $failure.Exception.Message | Should -BeLike '*full@monday*no room*End snapshots*more logs*'
        Get-TestDigest $full | Should -Be $before
        $null = Add-SnapLog full "$folder/more.log" -LogSize 1MB
        $null = Restore-Snapshot full monday -Confirm:$false
        "$((Get-Snapshot full).State)" | Should -Be 'Active Active'
    }

    It 'asks before it begins' {
        $attribute = [Attribute]::GetCustomAttribute((Get-Command Restore-Snapshot).ImplementingType, [System.Management.Automation.CmdletAttribute])
        "$($attribute.ConfirmImpact)" | Should -Be 'High'
    }

    It 'abandons nothing where no rollback was interrupted, and asks nothing' {
        Restore-Snapshot db -Abandon | Should -BeNullOrEmpty
        Get-SnapDevice | Restore-Snapshot -Abandon | Should -BeNullOrEmpty
        Get-TestDigest $disk | Should -Be $tuesday
        { Restore-Snapshot gone -Abandon } | Should -Throw -ErrorId 'EngineError.DeviceNotFound,SnapBackup.PowerShell.RestoreSnapshotCommand'
    }

    It 'completes the names of snapshots, and of no bookmarks' {
        $null = Start-Snapshot db mayday
        Stop-Snapshot db mayday -KeepChanges
        Get-TestCompletion 'Restore-Snapshot db m' | Should -Be 'monday'
        Get-TestCompletion 'Restore-Snapshot -Device d' | Should -Be 'db'
    }

    It 'changes nothing with -WhatIf' {
        Restore-Snapshot db monday -WhatIf | Should -BeNullOrEmpty
        Get-TestDigest $disk | Should -Be $tuesday
    }
}
