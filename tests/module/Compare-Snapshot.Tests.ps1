BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    $folder = New-TestFolder
    $null = New-SnapDevice (New-TestDisk "$folder/disk.img") "$folder/disk.log" -LogSize 1MB -Name db
    $null = Start-Snapshot db -Name monday
    $null = Start-Snapshot db -Name tuesday
}

AfterAll {
    Clear-TestSession
    Stop-TestSession
}

Describe 'Compare-Snapshot' {
    It 'finds nothing where nothing was written' {
        Compare-Snapshot -Device db -Reference monday -Difference tuesday | Should -BeNullOrEmpty
        Compare-Snapshot db monday | Should -BeNullOrEmpty
    }

    It 'takes snapshots from the pipeline' {
        Get-Snapshot | Compare-Snapshot | Should -BeNullOrEmpty
    }

    It 'refuses <Why>' -ForEach @(
        @{ Why = 'a device that is not there'; Id = 'EngineError.DeviceNotFound'; Arguments = 'gone', 'monday' }
        @{ Why = 'a snapshot that is not there'; Id = 'EngineError.BookmarkNotFound'; Arguments = 'db', 'sunday' }
        @{ Why = 'two in the wrong order'; Id = 'EngineError.BookmarkNotFound'; Arguments = 'db', 'tuesday', 'monday' }
    ) {
        { Compare-Snapshot @Arguments } | Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.CompareSnapshotCommand"
    }
}
