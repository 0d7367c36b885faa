BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    $runbooks = "$PSScriptRoot/../../examples/runbooks"
}

AfterAll {
    Stop-TestSession
}

Describe 'NightlyBackup.ps1' {
    BeforeEach {
        $folder = New-TestFolder
        $store = New-TestFolder
        $disk = New-TestDisk "$folder/disk.img"
    }

    AfterEach {
        Clear-TestSession
    }

    It 'makes an archive of the disk and leaves nothing else' {
        $archive = & "$runbooks/NightlyBackup.ps1" -Source $disk -Store $store -LogFolder $folder -LogSize 1MB
        $archive.Device | Should -Be 'nightly'
        $null = Restore-SnapArchive $archive.Path "$folder/restored.img" -Confirm:$false
        Get-TestDigest "$folder/restored.img" | Should -Be (Get-TestDigest $disk)
        Get-SnapDevice | Should -BeNullOrEmpty
        [System.IO.File]::Exists("$folder/nightly.log") | Should -BeFalse
    }

    It 'leaves a log that was there before' {
        $null = New-SnapDevice $disk "$folder/nightly.log" -LogSize 1MB -Name first
        Remove-SnapDevice first
        $null = & "$runbooks/NightlyBackup.ps1" -Source $disk -Store $store -LogFolder $folder -LogSize 1MB
        Get-SnapDevice | Should -BeNullOrEmpty
        [System.IO.FileInfo]::new("$folder/nightly.log").Length | Should -Be 1MB
    }

    It 'ends what a killed backup left on such a log, and leaves what others keep there' {
        $null = New-SnapDevice $disk "$folder/nightly.log" -LogSize 1MB -Name first
        $null = Start-Snapshot first -Name theirs
        $null = Start-Snapshot first -Name NightlyBackup
        Remove-SnapDevice first -KeepSnapshot
        $archive = & "$runbooks/NightlyBackup.ps1" -Source $disk -Store $store -LogFolder $folder -LogSize 1MB
        $archive.Snapshot | Should -Be 'NightlyBackup'
        (New-SnapDevice $disk "$folder/nightly.log").Snapshots | Should -Be 'theirs'
    }

    It 'leaves nothing when it fails, and says why' {
        { & "$runbooks/NightlyBackup.ps1" -Source $disk -Store "$store/none" -LogFolder $folder -LogSize 1MB } |
            Should -Throw -ErrorId 'ArchiveError.NotFound,SnapBackup.PowerShell.NewSnapArchiveCommand'
        Get-SnapDevice | Should -BeNullOrEmpty
        [System.IO.Directory]::GetFiles($folder) | Should -Be $disk
    }

    It 'explains itself' {
        $help = Get-Help "$runbooks/NightlyBackup.ps1" -Full
        $help.Synopsis | Should -BeLike 'Backs a disk up*'
        @($help.examples.example) | Should -HaveCount 1
    }
}

Describe 'RestoreDisk.ps1' {
    BeforeAll {
        $source = New-TestFolder
        $store = New-TestFolder
        $old = New-TestDisk "$source/disk.img"
        $null = & "$runbooks/NightlyBackup.ps1" -Source $old -Store $store -LogFolder $source -LogSize 1MB -Name db
        $oldDigest = Get-TestDigest $old
        Edit-TestFile $old 0
        $newest = & "$runbooks/NightlyBackup.ps1" -Source $old -Store $store -LogFolder $source -LogSize 1MB -Name db
        $newDigest = Get-TestDigest $old
    }

    BeforeEach {
        $target = "$(New-TestFolder)/restored.img"
    }

    It 'restores the newest archive' {
        (& "$runbooks/RestoreDisk.ps1" -Store $store -Target $target -Confirm:$false).Id | Should -Be $newest.Id
        Get-TestDigest $target | Should -Be $newDigest
    }

    It 'asks which device is meant when the store holds archives of several' {
        $both = New-TestFolder
        $null = & "$runbooks/NightlyBackup.ps1" -Source $old -Store $both -LogFolder $source -LogSize 1MB -Name db
        $null = & "$runbooks/NightlyBackup.ps1" -Source $old -Store $both -LogFolder $source -LogSize 1MB -Name web
        { & "$runbooks/RestoreDisk.ps1" -Store $both -Target $target -Confirm:$false } | Should -Throw '*several devices: db, web.*-Device*'
        { & "$runbooks/RestoreDisk.ps1" -Store $both -Device '*b' -Target $target -Confirm:$false } | Should -Throw '*several devices: db, web.*'
        [System.IO.File]::Exists($target) | Should -BeFalse
        (& "$runbooks/RestoreDisk.ps1" -Store $both -Device db -Target $target -Confirm:$false).Device | Should -Be 'db'
    }

    It 'passes over a newer archive that is damaged' {
        Edit-TestFile $newest.Path 5000
        try {
            $restored = & "$runbooks/RestoreDisk.ps1" -Store $store -Device db -Target $target -Confirm:$false -WarningAction SilentlyContinue -WarningVariable warnings
            $restored.Id | Should -Not -Be $newest.Id
            $warnings | Should -BeLike "*$($newest.Name) is damaged*"
            Get-TestDigest $target | Should -Be $oldDigest
        }
        finally { Edit-TestFile $newest.Path 5000 }
    }

    It 'does not overwrite a target unless it is told to' {
        $null = New-TestDisk $target 2MB
        { & "$runbooks/RestoreDisk.ps1" -Store $store -Target $target -Confirm:$false } |
            Should -Throw -ErrorId 'ArchiveError.TargetRefused,SnapBackup.PowerShell.RestoreSnapArchiveCommand'
        $null = & "$runbooks/RestoreDisk.ps1" -Store $store -Target $target -Force -Confirm:$false
        Get-TestDigest $target | Should -Be $newDigest
    }

    It 'says when there is nothing to restore' {
        { & "$runbooks/RestoreDisk.ps1" -Store $store -Device other -Target $target -Confirm:$false } | Should -Throw '*no intact archive*'
        [System.IO.File]::Exists($target) | Should -BeFalse
    }

    It 'changes nothing with -WhatIf' {
        & "$runbooks/RestoreDisk.ps1" -Store $store -Target $target -WhatIf | Should -BeNullOrEmpty
        [System.IO.File]::Exists($target) | Should -BeFalse
    }

    It 'explains itself' {
        $help = Get-Help "$runbooks/RestoreDisk.ps1" -Full
        $help.Synopsis | Should -BeLike 'Restores a disk*'
        @($help.examples.example) | Should -HaveCount 2
    }
}
