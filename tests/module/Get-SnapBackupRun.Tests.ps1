BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    $folder = New-TestFolder
    $store = New-TestFolder
    foreach ($name in 'db', 'vm') {
        $null = Register-SnapBackupJob $name -Source (New-TestDisk "$folder/$name.img") -Log "$folder/$name.log" -LogSize 1MB -Store $store
    }
    $null = Invoke-SnapBackup db
    $null = Invoke-SnapBackup vm
    $null = Invoke-SnapBackup db
    [System.IO.File]::Delete("$folder/vm.img")
    try { $null = Invoke-SnapBackup vm } catch { $failure = $_ }
    $ids = @((Get-SnapBackupRun).Id)
}

AfterAll {
    Stop-TestSession
}

Describe 'Get-SnapBackupRun' {
    It 'gets all runs, the newest first' {
        (Get-SnapBackupRun).Job | Should -Be 'vm', 'db', 'vm', 'db'
        $ids[0] | Should -BeGreaterThan $ids[3]
    }

    It 'gets the runs of a job' {
        (Get-SnapBackupRun -Job db).Id | Should -Be $ids[1], $ids[3]
        Get-SnapBackupRun never | Should -BeNullOrEmpty
    }

    It 'gets runs by their outcome' {
        (Get-SnapBackupRun -Outcome Succeeded).Job | Should -Be 'db', 'vm', 'db'
        $failed = Get-SnapBackupRun -Outcome Failed
        $failed.Job | Should -Be 'vm'
        $failed.ErrorId | Should -Be 'BlockDeviceError.NotFound'
        $failed.Archive | Should -BeNullOrEmpty
    }

    It 'gets the newest ones' {
        (Get-SnapBackupRun -Last 2).Id | Should -Be $ids[0], $ids[1]
        (Get-SnapBackupRun -Job db -Last 1).Id | Should -Be $ids[1]
    }

    It 'gets one by its number, with its steps' {
        $run = Get-SnapBackupRun -Id $ids[1]
        $run.Job | Should -Be 'db'
        foreach ($step in $run.Steps) {
            "$($step.Outcome)" | Should -Be 'Succeeded'
            $step.Ended | Should -BeGreaterOrEqual $step.Started
        }
    }

    It 'takes jobs from the pipeline' {
        (Get-SnapBackupJob | Get-SnapBackupRun -Last 1).Id | Should -Be $ids[1], $ids[0]
    }

    It 'refuses a number that no run has' {
        { Get-SnapBackupRun -Id 4711 } | Should -Throw -ErrorId 'PipelineError.RunNotFound,SnapBackup.PowerShell.GetSnapBackupRunCommand'
    }

    It 'still knows the runs of a job that is not registered any more' {
        Unregister-SnapBackupJob db
        @(Get-SnapBackupRun -Job db) | Should -HaveCount 2
    }
}
