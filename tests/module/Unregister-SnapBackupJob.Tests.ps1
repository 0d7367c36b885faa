BeforeAll {
    . "$PSScriptRoot/Session.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Unregister-SnapBackupJob' {
    BeforeEach {
        foreach ($name in 'db', 'vm1', 'vm2') {
            $null = Register-SnapBackupJob $name -Source "/disks/$name" -Log "/logs/$name" -Store /backup -Force
        }
    }

    It 'removes the document of a job' {
        Unregister-SnapBackupJob -Name db | Should -BeNullOrEmpty
        (Get-SnapBackupJob).Name | Should -Be 'vm1', 'vm2'
        [System.IO.File]::Exists("$TestDrive/state/jobs/db.json") | Should -BeFalse
    }

    It 'takes jobs and names from the pipeline' {
        Get-SnapBackupJob vm* | Unregister-SnapBackupJob
        (Get-SnapBackupJob).Name | Should -Be 'db'
        'db' | Unregister-SnapBackupJob
        Get-SnapBackupJob | Should -BeNullOrEmpty
    }

    It 'refuses a name that no job has' {
        { Unregister-SnapBackupJob gone } |
            Should -Throw -ErrorId 'PipelineError.JobNotFound,SnapBackup.PowerShell.UnregisterSnapBackupJobCommand'
    }

    It 'changes nothing with -WhatIf' {
        Unregister-SnapBackupJob db -WhatIf
        (Get-SnapBackupJob db).Name | Should -Be 'db'
    }
}
