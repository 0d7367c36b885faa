BeforeAll {
    . "$PSScriptRoot/Session.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Invoke-SnapBackup' {
    BeforeEach {
        $folder = New-TestFolder
        $store = New-TestFolder
        $disk = New-TestDisk "$folder/disk.img"
        $null = Register-SnapBackupJob db -Source $disk -Log "$folder/disk.log" -LogSize 1MB -Store $store -Force
    }

    AfterEach {
        Clear-TestSession
    }

    It 'runs a job and takes down what the run has set up' {
        $run = Invoke-SnapBackup -Job db
        $run.Job | Should -Be 'db'
        "$($run.Outcome)" | Should -Be 'Succeeded'
        "$($run.Trigger)" | Should -Be 'Manual'
        $run.SourceSize | Should -Be 2MB
        $run.Duration | Should -BeOfType timespan
        "$($run.Steps.Step)" | Should -Be 'Prepare Freeze Flush Start Thaw Archive End Teardown Retention'
        Get-SnapDevice | Should -BeNullOrEmpty
        [System.IO.Directory]::GetFiles($folder) | Should -Be $disk -Because 'the run made the log and removes it'
        Test-SnapArchive $run.Archive -Quiet | Should -BeTrue
        (Get-SnapArchive $store).StoredSize | Should -Be $run.ArchiveSize
    }

    It 'leaves a device that was there before, and archives through it' {
        $null = New-SnapDevice $disk "$folder/mine.log" -LogSize 1MB -Name mine
        "$((Invoke-SnapBackup db).Outcome)" | Should -Be 'Succeeded'
        (Get-SnapDevice).Name | Should -Be 'mine'
        Get-Snapshot | Should -BeNullOrEmpty
    }

    It 'takes jobs and names from the pipeline' {
        (Get-SnapBackupJob | Invoke-SnapBackup).Job | Should -Be 'db'
        ('db' | Invoke-SnapBackup).Job | Should -Be 'db'
    }

    It 'reports a failed run with the id of its cause, and records it' {
        [System.IO.Directory]::Delete($store)
        $failure = { Invoke-SnapBackup db } |
            Should -Throw -ErrorId 'ArchiveError.NotFound,SnapBackup.PowerShell.InvokeSnapBackupCommand' -PassThru
        "$($failure.TargetObject.Outcome)" | Should -Be 'Failed'
        $run = Get-SnapBackupRun -Id $failure.TargetObject.Id
        "$($run.Outcome)" | Should -Be 'Failed'
        $run.ErrorId | Should -Be 'ArchiveError.NotFound'
        $run.ErrorMessage | Should -Be $failure.Exception.Message
    }

    It 'ends a pipeline with the first job that fails, which a loop outlives' {
        $null = Register-SnapBackupJob broken -Source $disk -Log "$folder/broken.log" -LogSize 1MB -Store "$store/none"
        try {
            $before = @(Get-SnapBackupRun db).Count
            { Get-SnapBackupJob broken, db | Invoke-SnapBackup } | Should -Throw -ErrorId 'ArchiveError.NotFound,*'
            @(Get-SnapBackupRun db) | Should -HaveCount $before
            $failures = @()
            $runs = foreach ($job in Get-SnapBackupJob broken, db) {
                try { Invoke-SnapBackup $job.Name } catch { $failures += "$($job.Name): $_" }
            }
            $runs.Job | Should -Be 'db'
            $failures | Should -BeLike 'broken: *'
        }
        finally { Unregister-SnapBackupJob broken }
    }

    It 'runs beside the snapshots that are kept' {
        $null = New-SnapDevice $disk "$folder/mine.log" -LogSize 1MB -Name mine
        $null = Start-Snapshot mine -Name kept
        "$((Invoke-SnapBackup db).Outcome)" | Should -Be 'Succeeded'
        (Get-Snapshot).Name | Should -Be 'kept'
    }

    It 'leaves nothing of a run whose snapshot cannot start' {
        $null = New-SnapDevice $disk "$folder/mine.log" -LogSize 1MB -Name mine
        $next = (Invoke-SnapBackup db).Id + 1
        $archives = @([System.IO.Directory]::GetFileSystemEntries($store)).Count
        $null = Start-Snapshot mine -Name "run-$next"
        { Invoke-SnapBackup db } | Should -Throw -ErrorId 'EngineError.SnapshotAlreadyStarted,SnapBackup.PowerShell.InvokeSnapBackupCommand'
        (Get-Snapshot).Name | Should -Be "run-$next"
        @([System.IO.Directory]::GetFileSystemEntries($store)) | Should -HaveCount $archives
    }

    It 'refuses a name that no job has' {
        { Invoke-SnapBackup gone } | Should -Throw -ErrorId 'PipelineError.JobNotFound,SnapBackup.PowerShell.InvokeSnapBackupCommand'
    }

    It 'changes nothing with -WhatIf' {
        $before = @(Get-SnapBackupRun).Count
        Invoke-SnapBackup db -WhatIf | Should -BeNullOrEmpty
        @(Get-SnapBackupRun) | Should -HaveCount $before
        [System.IO.Directory]::GetFileSystemEntries($store) | Should -BeNullOrEmpty
    }
}
