BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    $source = New-TestFolder
    $store = New-TestFolder
    $disk = New-TestDisk "$source/disk.img"
    $null = New-SnapDevice $disk "$source/disk.log" -LogSize 1MB -Name db
    $null = Start-Snapshot db
    $archive = New-SnapArchive db $store
    Remove-SnapDevice db -Force
    $digest = Get-TestDigest $disk
}

AfterAll {
    Stop-TestSession
}

Describe 'Restore-SnapArchive' {
    BeforeEach {
        $target = "$(New-TestFolder)/restored.img"
    }

    It 'restores to a new file' {
        $restored = Restore-SnapArchive -Path $archive.Path -Target $target -Confirm:$false
        $restored.Id | Should -Be $archive.Id
        Get-TestDigest $target | Should -Be $digest
    }

    It 'takes an archive from the pipeline' {
        $null = Get-SnapArchive $store | Restore-SnapArchive -Target $target -Confirm:$false
        Get-TestDigest $target | Should -Be $digest
    }

    It 'refuses a target that exists, and leaves it as it is' {
        [System.IO.File]::WriteAllText($target, 'precious')
        { Restore-SnapArchive $archive.Path $target -Confirm:$false } |
            Should -Throw -ErrorId 'ArchiveError.TargetRefused,SnapBackup.PowerShell.RestoreSnapArchiveCommand'
        [System.IO.File]::ReadAllText($target) | Should -Be 'precious'
    }

    It 'overwrites a target that exists with -Force' {
        $null = New-TestDisk $target 3MB
        Edit-TestFile $target 0
        $null = Restore-SnapArchive $archive.Path $target -Force -Confirm:$false
        $restored = [System.IO.File]::ReadAllBytes($target)
        $restored.Length | Should -Be 3MB
        [System.IO.File]::WriteAllBytes($target, $restored[0..(2MB - 1)])
        Get-TestDigest $target | Should -Be $digest
    }

    It 'refuses a target that is too small' {
        $null = New-TestDisk $target 1MB
        { Restore-SnapArchive $archive.Path $target -Force -Confirm:$false } |
            Should -Throw -ErrorId 'ArchiveError.TargetTooSmall,SnapBackup.PowerShell.RestoreSnapArchiveCommand'
    }

    It 'leaves nothing of a restore that meets damage' {
        $copy = "$(New-TestFolder)/copy.img.zst"
        [System.IO.File]::Copy($archive.Path, $copy)
        Edit-TestFile $copy 5000
        { Restore-SnapArchive $copy $target -Confirm:$false } |
            Should -Throw -ErrorId 'ArchiveError.Damaged,SnapBackup.PowerShell.RestoreSnapArchiveCommand'
        [System.IO.Directory]::GetFileSystemEntries([System.IO.Path]::GetDirectoryName($target)) | Should -BeNullOrEmpty
    }

    It 'asks unless it is told not to' {
        $impact = (Get-Command Restore-SnapArchive).ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false).ConfirmImpact
        "$impact" | Should -Be 'High'
    }

    It 'changes nothing with -WhatIf' {
        Restore-SnapArchive $archive.Path $target -WhatIf | Should -BeNullOrEmpty
        [System.IO.File]::Exists($target) | Should -BeFalse
    }
}
