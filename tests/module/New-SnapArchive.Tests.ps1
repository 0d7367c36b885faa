BeforeAll {
    . "$PSScriptRoot/Session.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'New-SnapArchive' {
    BeforeEach {
        $folder = New-TestFolder
        $store = New-TestFolder
        $disk = New-TestDisk "$folder/disk.img"
        $null = New-SnapDevice $disk "$folder/disk.log" -LogSize 1MB -Name db
    }

    AfterEach {
        Clear-TestSession
    }

    It 'makes an archive of the snapshot' {
        $before = [System.DateTimeOffset]::UtcNow
        $null = Start-Snapshot db -Name frozen
        $after = [System.DateTimeOffset]::UtcNow
        $archive = New-SnapArchive -Device db -Store $store
        $archive.Device | Should -Be 'db'
        $archive.Snapshot | Should -Be 'frozen'
        "$($archive.Kind)" | Should -Be 'Full'
        $archive.Size | Should -Be 2MB
        $archive.Path | Should -Be "$store/$($archive.Name)"
        [System.IO.FileInfo]::new($archive.Path).Length | Should -Be $archive.StoredSize
        $archive.Time | Should -BeGreaterOrEqual $before.AddSeconds(-1) -Because 'it is the time of the snapshot'
        $archive.Time | Should -BeLessOrEqual $after
    }

    It 'can be the middle of a pipeline' {
        $report = Get-SnapDevice | Start-Snapshot | New-SnapArchive -Store $store | Test-SnapArchive
        $report.IsIntact | Should -BeTrue
        $report.ContentChecked | Should -BeTrue
    }

    It 'compresses as much as it is told' {
        $null = Start-Snapshot db
        $archive = New-SnapArchive db $store -CompressionLevel 1
        (Restore-SnapArchive $archive.Path "$folder/restored" -Confirm:$false).Id | Should -Be $archive.Id
        Get-TestDigest "$folder/restored" | Should -Be (Get-TestDigest $disk)
    }

    It 'refuses <Why>' -ForEach @(
        @{ Why = 'a device that is not there'; Id = 'EngineError.DeviceNotFound'; Given = { @{ Device = 'gone' } } }
        @{ Why = 'a store that is not there'; Id = 'ArchiveError.NotFound'; Given = { @{ Store = "$store/none" } } }
        @{ Why = 'a level that zstd does not have'; Id = 'ArchiveError.InvalidOption'; Given = { @{ CompressionLevel = 20 } } }
    ) {
        $null = Start-Snapshot db
        $arguments = @{ Device = 'db'; Store = $store }
        $others = & $Given
        foreach ($key in $others.Keys) { $arguments[$key] = $others[$key] }
        { New-SnapArchive @arguments } | Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.NewSnapArchiveCommand"
        [System.IO.Directory]::GetFileSystemEntries($store) | Should -BeNullOrEmpty
    }

    It 'archives the snapshot that is named, or piped in, of several' {
        $null = Start-Snapshot db -Name first
        $null = Start-Snapshot db -Name second
        (New-SnapArchive db $store -Snapshot second).Snapshot | Should -Be 'second'
        (Get-Snapshot db first | New-SnapArchive -Store $store).Snapshot | Should -Be 'first'
    }

    It 'refuses to choose among several' {
        $null = Start-Snapshot db -Name first
        $null = Start-Snapshot db -Name second
        { New-SnapArchive db $store } | Should -Throw -ErrorId 'ControlError.SnapshotNotNamed,SnapBackup.PowerShell.NewSnapArchiveCommand'
        { New-SnapArchive db $store -Snapshot gone } | Should -Throw -ErrorId 'EngineError.SnapshotNotStarted,SnapBackup.PowerShell.NewSnapArchiveCommand'
    }

    It 'refuses a device that keeps no snapshot' {
        { New-SnapArchive db $store } | Should -Throw -ErrorId 'EngineError.SnapshotNotStarted,SnapBackup.PowerShell.NewSnapArchiveCommand'
    }

    It 'changes nothing with -WhatIf' {
        $null = Start-Snapshot db
        New-SnapArchive db $store -WhatIf | Should -BeNullOrEmpty
        [System.IO.Directory]::GetFileSystemEntries($store) | Should -BeNullOrEmpty
    }
}
