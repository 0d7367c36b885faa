BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    foreach ($name in 'vm2', 'db', 'vm1') {
        $null = Register-SnapBackupJob $name -Source "/disks/$name" -Log "/logs/$name" -Store /backup
    }
}

AfterAll {
    Stop-TestSession
}

Describe 'Get-SnapBackupJob' {
    It 'gets all jobs by name' {
        (Get-SnapBackupJob).Name | Should -Be 'db', 'vm1', 'vm2'
    }

    It 'gets <Selected> for <Names>' -ForEach @(
        @{ Names = 'vm1'; Selected = 'vm1' }
        @{ Names = @('v*', 'db'); Selected = 'vm1', 'vm2', 'db' }
        @{ Names = 'x*'; Selected = @() }
    ) {
        @(Get-SnapBackupJob $Names).Name | Should -Be $Selected
    }

    It 'takes names and jobs from the pipeline' {
        ('vm1', 'db' | Get-SnapBackupJob).Source | Should -Be '/disks/vm1', '/disks/db'
        (Get-SnapBackupJob db | Get-SnapBackupJob).Name | Should -Be 'db'
    }

    It 'reports a name that no job has, and goes on' {
        $found = Get-SnapBackupJob gone, db -ErrorAction SilentlyContinue -ErrorVariable failures
        $found.Name | Should -Be 'db'
        $failures[0].FullyQualifiedErrorId | Should -Be 'PipelineError.JobNotFound,SnapBackup.PowerShell.GetSnapBackupJobCommand'
    }

    It 'shows a job whose document is broken, with the problem' {
        [System.IO.File]::WriteAllText("$TestDrive/state/jobs/broken.json", '{ "name": "broken", "kepe": 3 }')
        try {
            (Get-SnapBackupJob).Name | Should -Be 'broken', 'db', 'vm1', 'vm2'
            (Get-SnapBackupJob broken).Problem | Should -BeLike '*kepe*'
            (Get-SnapBackupJob db).Problem | Should -BeNullOrEmpty
        }
        finally { [System.IO.File]::Delete("$TestDrive/state/jobs/broken.json") }
    }

    It 'completes names' {
        Get-TestCompletion 'Get-SnapBackupJob v' | Should -Be 'vm1', 'vm2'
        Get-TestCompletion 'Invoke-SnapBackup -Job d' | Should -Be 'db'
    }
}
