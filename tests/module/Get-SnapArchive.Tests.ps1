BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    $folder = New-TestFolder
    $store = New-TestFolder
    $null = New-SnapDevice (New-TestDisk "$folder/disk.img") "$folder/disk.log" -LogSize 1MB -Name db
    $null = Start-Snapshot db
    $first = New-SnapArchive db $store
    Stop-Snapshot db
    $null = Start-Snapshot db
    $second = New-SnapArchive db $store
    Remove-SnapDevice db -Force
}

AfterAll {
    Stop-TestSession
}

Describe 'Get-SnapArchive' {
    It 'gets the archives of a store, the oldest first' {
        (Get-SnapArchive -Store $store).Id | Should -Be $first.Id, $second.Id
    }

    It 'gets one archive by its path' {
        (Get-SnapArchive -Path $first.Path).Id | Should -Be $first.Id
        ($second | Get-SnapArchive).Name | Should -Be $second.Name
    }

    It 'gets nothing from an empty store' {
        Get-SnapArchive (New-TestFolder) | Should -BeNullOrEmpty
    }

    It 'reports files that cannot be read, and lists the others' {
        $mixed = New-TestFolder
        [System.IO.File]::Copy($first.Path, "$mixed/$($first.Name)")
        [System.IO.File]::WriteAllText("$mixed/broken.img.zst", 'not an archive')
        $found = Get-SnapArchive $mixed -ErrorAction SilentlyContinue -ErrorVariable failures
        $found.Id | Should -Be $first.Id
        $failures | Should -HaveCount 1
        $failures[0].FullyQualifiedErrorId | Should -Be 'UnreadableArchive,SnapBackup.PowerShell.GetSnapArchiveCommand'
        $failures[0].TargetObject | Should -Be 'broken.img.zst'
    }

    It 'refuses a store that is not there' {
        { Get-SnapArchive "$store/none" } | Should -Throw -ErrorId 'ArchiveError.NotFound,SnapBackup.PowerShell.GetSnapArchiveCommand'
    }

    It 'refuses a path where nothing is, and one of something else' {
        { Get-SnapArchive -Path "$store/none.img.zst" } |
            Should -Throw -ErrorId 'BlockDeviceError.NotFound,SnapBackup.PowerShell.GetSnapArchiveCommand'
        { Get-SnapArchive -Path "$folder/disk.img" } |
            Should -Throw -ErrorId 'ArchiveError.NotAnArchive,SnapBackup.PowerShell.GetSnapArchiveCommand'
    }
}
