BeforeAll {
    . "$PSScriptRoot/Session.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Register-SnapBackupJob' {
    BeforeEach {
        $job = @{ Name = 'db'; Source = '/dev/vg0/db'; Log = '/log/db'; Store = '/backup' }
    }

    AfterEach {
        Get-SnapBackupJob | Unregister-SnapBackupJob
    }

    It 'writes the document of a job' {
        $info = Register-SnapBackupJob @job -LogSize 4GB -Keep 14 -BlockSize '64KiB' -ChangeGranularity 8KB -Durability Volatile -Allocation MostFree -Attach Always -Cron '30 2 * * *' -TimeZone Europe/Berlin -Missed Skip
        $info.Name | Should -Be 'db'
        $info.Source | Should -Be '/dev/vg0/db'
        $info.Logs | Should -Be '/log/db'
        $info.Store | Should -Be '/backup'
        $info.Cron | Should -Be '30 2 * * *'
        $info.TimeZone | Should -Be 'Europe/Berlin'
        "$($info.Missed)" | Should -Be 'Skip'
        "$($info.Attach)" | Should -Be 'Always'
        $info.Keep | Should -Be 14
        $info.NextRun | Should -BeGreaterThan ([System.DateTimeOffset]::UtcNow)
        $text = [System.IO.File]::ReadAllText("$TestDrive/state/jobs/db.json")
        $document = [System.Text.Json.JsonDocument]::Parse($text).RootElement
        $document.GetProperty('schedule').GetProperty('missed').GetString() | Should -Be 'skip'
        $document.GetProperty('keep').GetInt32() | Should -Be 14
        $document.GetProperty('changeGranularity').GetString() | Should -Be '8KiB'
        $document.GetProperty('durability').GetString() | Should -Be 'volatile'
        $document.GetProperty('allocation').GetString() | Should -Be 'most-free'
    }

    It 'makes a job without a schedule unless it is given one' {
        $info = Register-SnapBackupJob @job
        $info.Cron | Should -BeNullOrEmpty
        $info.NextRun | Should -BeNullOrEmpty
        "$($info.Attach)" | Should -Be 'Run'
    }

    It 'makes paths absolute' {
        $job.Source = 'disk.img'
        $job.Log = 'a.log', './b.log'
        $here = $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.Path.TrimEnd('/')
        $info = Register-SnapBackupJob @job
        $info.Source | Should -Be "$here/disk.img"
        $info.Logs | Should -Be "$here/a.log", "$here/b.log"
    }

    It 'refuses <Why>' -ForEach @(
        @{ Why = 'a cron expression that is none'; Given = @{ Cron = 'at dawn' } }
        @{ Why = 'a schedule that never comes'; Given = @{ Cron = '0 0 31 2 *' } }
        @{ Why = 'a time zone that is none'; Given = @{ Cron = '0 2 * * *'; TimeZone = 'Nowhere/City' } }
        @{ Why = 'a name that could not be a file'; Given = @{ Name = '../db' } }
        @{ Why = 'to keep nothing'; Given = @{ Keep = 0 } }
        @{ Why = 'a block size that is no power of two'; Given = @{ BlockSize = 5000 } }
        @{ Why = 'a log twice'; Given = @{ Log = '/log/db', '/log/db' } }
    ) {
        foreach ($key in $Given.Keys) { $job[$key] = $Given[$key] }
        { Register-SnapBackupJob @job } | Should -Throw -ErrorId 'PipelineError.InvalidJob,SnapBackup.PowerShell.RegisterSnapBackupJobCommand'
        Get-SnapBackupJob | Should -BeNullOrEmpty
    }

    It 'refuses a name that a job has, and replaces the job with -Force' {
        $null = Register-SnapBackupJob @job
        { Register-SnapBackupJob @job -Keep 3 } |
            Should -Throw -ErrorId 'PipelineError.JobExists,SnapBackup.PowerShell.RegisterSnapBackupJobCommand'
        (Get-SnapBackupJob db).Keep | Should -BeNullOrEmpty
        (Register-SnapBackupJob @job -Keep 3 -Force).Keep | Should -Be 3
        (Get-SnapBackupJob db).Keep | Should -Be 3
    }

    It 'changes nothing with -WhatIf' {
        Register-SnapBackupJob @job -WhatIf | Should -BeNullOrEmpty
        Get-SnapBackupJob | Should -BeNullOrEmpty
        [System.IO.File]::Exists("$TestDrive/state/jobs/db.json") | Should -BeFalse
    }
}
